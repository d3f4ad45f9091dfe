/** What the sources share. */
@NullMarked
package io.headgate.discovery.internal;

import org.jspecify.annotations.NullMarked;
