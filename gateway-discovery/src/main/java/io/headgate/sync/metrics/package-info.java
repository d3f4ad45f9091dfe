/**
 * What servers and clients of sync streams do, measured by Micrometer (an optional dependency) under the names that Calico Typha has, and
 * whether a server is alive and ready, over HTTP.
 */
@NullMarked
package io.headgate.sync.metrics;

import org.jspecify.annotations.NullMarked;
