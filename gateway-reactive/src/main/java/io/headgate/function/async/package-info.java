/**
 * Calls that outlive their callers: recorded before they are accepted, leased, retried, and looked up by id. Start at
 * {@link io.headgate.function.async.CallStore}.
 */
@NullMarked
package io.headgate.function.async;

import org.jspecify.annotations.NullMarked;
