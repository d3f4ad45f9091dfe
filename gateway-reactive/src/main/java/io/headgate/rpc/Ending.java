package io.headgate.rpc;

import org.jspecify.annotations.Nullable;

/**
 * How a connection ended, as this side knows it.
 *
 * @param kind what happened
 * @param detail for people
 * @param cause the failure behind it, or null
 */
public record Ending(Kind kind, String detail, @Nullable Throwable cause) {

    /** What happened. */
    public enum Kind {
        /** Both sides said goodbye, and everything that was sent has been read. */
        CLEAN,
        /** The other side was not heard of within its time, in the handshake or later. */
        SILENT,
        /** The byte stream broke, or ended without a goodbye. */
        LOST,
        /** The other side broke the protocol or a limit. */
        VIOLATED,
        /** This side cut it. */
        ABORTED,
        /** The other side cut it, and said so. */
        ABORTED_BY_PEER
    }

    /**
     * An ending without a failure behind it.
     *
     * @param kind what happened
     * @param detail for people
     * @return the ending
     */
    public static Ending of(Kind kind, String detail) {
        return new Ending(kind, detail, null);
    }

    /**
     * Whether nothing was lost.
     *
     * @return true for {@link Kind#CLEAN}
     */
    public boolean isClean() {
        return kind == Kind.CLEAN;
    }
}
