package io.headgate.metrics;

import io.headgate.classify.Classification;

/**
 * What is told apart of how requests end.
 *
 * @param status 100 to 599, {@link #NO_STATUS} when there was no reply, {@link #OTHER_STATUS} when there were too many series
 * @param verdict what it came to; one of a bounded number
 */
public record HttpReplyTraits(int status, Classification verdict) {

    /** There was no reply. */
    public static final int NO_STATUS = -1;

    /** There were too many. */
    public static final int OTHER_STATUS = 0;

    /** What stands for all replies when a target has too many series. */
    static final HttpReplyTraits OTHER = new HttpReplyTraits(OTHER_STATUS, HttpVerdicts.OTHER);

    /**
     * The status as text.
     *
     * @return three digits, {@code other}, or nothing when there was no reply
     */
    public String statusText() {
        return switch (status) {
            case NO_STATUS -> "";
            case OTHER_STATUS -> "other";
            default -> Integer.toString(status);
        };
    }
}
