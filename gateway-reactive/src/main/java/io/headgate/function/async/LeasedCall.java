package io.headgate.function.async;

import java.time.Instant;

/**
 * A call that somebody runs. The lease ends at its time unless it is renewed, and then the call is due again for everybody.
 *
 * @param call the call
 * @param lease names the lease; what is said of the call under another one has no effect
 * @param attempt 1 for the first
 * @param until when the lease ends
 */
public record LeasedCall(QueuedCall call, String lease, int attempt, Instant until) {}
