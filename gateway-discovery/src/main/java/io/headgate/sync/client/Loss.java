package io.headgate.sync.client;

import java.time.Duration;

/** How a connection ended, or why it never came about. */
record Loss(SyncLoss why, String reason, Duration retryAfter) {

    static Loss of(SyncLoss why, String reason) {
        return new Loss(why, reason, Duration.ZERO);
    }

    static Loss of(SyncLoss why, Throwable cause) {
        return of(why, words(cause));
    }

    /** What the root of a failure says. */
    static String words(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    }
}
