package io.headgate.function.log;

import java.util.Objects;

/**
 * What becomes of what functions print. Immutable; each {@code with} method returns a copy.
 *
 * @param maxLineBytes where a line is cut and goes on as one more, 64 bytes to 32 KiB; {@link #DEFAULT_MAX_LINE_BYTES}
 * @param frames whether functions say which call they print for; off by default, as it costs them two writes per call
 * @param syslog how lines are shipped to the syslog servers of applications
 */
public record LogSettings(int maxLineBytes, boolean frames, SyslogSettings syslog) {

    /** 8 KiB: a syslog server need not take more than 2 KiB, and most take that. */
    public static final int DEFAULT_MAX_LINE_BYTES = 8 * 1024;

    /** The defaults. */
    public static final LogSettings DEFAULTS = new LogSettings(DEFAULT_MAX_LINE_BYTES, false, SyslogSettings.DEFAULTS);

    /** Checks the parts. */
    public LogSettings {
        Objects.requireNonNull(syslog, "syslog");
        if (maxLineBytes < 64 || maxLineBytes > 32 * 1024) {
            throw new IllegalArgumentException("maxLineBytes: " + maxLineBytes + " (expected: 64..32768)");
        }
    }

    /**
     * A copy with another longest line.
     *
     * @param changed 64 bytes to 32 KiB
     * @return the copy
     */
    public LogSettings withMaxLineBytes(int changed) {
        return new LogSettings(changed, frames, syslog);
    }

    /**
     * A copy that has functions say which call they print for, or not.
     *
     * @param changed true for lines that all have the right call
     * @return the copy
     */
    public LogSettings withFrames(boolean changed) {
        return new LogSettings(maxLineBytes, changed, syslog);
    }

    /**
     * A copy that ships lines in another way.
     *
     * @param changed how
     * @return the copy
     */
    public LogSettings withSyslog(SyslogSettings changed) {
        return new LogSettings(maxLineBytes, frames, changed);
    }
}
