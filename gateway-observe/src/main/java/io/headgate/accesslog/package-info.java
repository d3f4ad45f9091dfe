/**
 * Access log: a line for each exchange when it is over, written beside the data path.
 *
 * <p>Start at {@link io.headgate.accesslog.AccessLog}; {@link io.headgate.accesslog.AccessFormat} makes the lines and
 * {@link io.headgate.accesslog.AccessSink} takes them.
 */
@NullMarked
package io.headgate.accesslog;

import org.jspecify.annotations.NullMarked;
