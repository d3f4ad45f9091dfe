package io.headgate.tap;

import java.util.Objects;

/**
 * What an observer wants to see. Immutable; each {@code with} method returns a copy.
 *
 * @param limit how many exchanges are taken, 1 to 4,294,967,295; when the last one of them has ended the stream completes. Those that
 *     find no room in the queue do not count
 * @param match which exchanges
 * @param probability the chance of each exchange that matches to be taken, above 0 up to 1. With 1 they are taken as they come until
 *     the limit, which favours those at the beginning; with less each one has the same chance, as long as the limit lasts
 * @param headers which header fields and trailers are shown
 * @param bodyBytes how many bytes of each body are shown, of the request and of the reply; 0 for none
 * @param queue how many events may wait for a slow observer; what finds no room is dropped and counted
 */
public record TapRequest(long limit, TapMatch match, double probability, TapHeaders headers, int bodyBytes, int queue) {

    /** The events that may wait unless something else is asked for. */
    public static final int DEFAULT_QUEUE = 400;

    /** The most bytes of a body that can be asked for. */
    public static final int MOST_BODY_BYTES = 1 << 20;

    private static final long MOST = 0xffff_ffffL;
    private static final int LONGEST_QUEUE = 1 << 16;

    /** Checks the numbers. */
    public TapRequest {
        Objects.requireNonNull(match, "match");
        Objects.requireNonNull(headers, "headers");
        if (limit < 1 || limit > MOST) {
            throw new IllegalArgumentException("limit: " + limit + " (expected: 1.." + MOST + ")");
        }
        if (!(probability > 0 && probability <= 1)) {
            throw new IllegalArgumentException("probability: " + probability + " (expected: above 0, up to 1)");
        }
        if (bodyBytes < 0 || bodyBytes > MOST_BODY_BYTES) {
            throw new IllegalArgumentException("bodyBytes: " + bodyBytes + " (expected: 0.." + MOST_BODY_BYTES + ")");
        }
        if (queue < 1 || queue > LONGEST_QUEUE) {
            throw new IllegalArgumentException("queue: " + queue + " (expected: 1.." + LONGEST_QUEUE + ")");
        }
    }

    /**
     * The first exchanges that match, without header fields and bodies.
     *
     * @param limit how many, 1 to 4,294,967,295
     * @param match which ones
     * @return the request
     */
    public static TapRequest of(long limit, TapMatch match) {
        return new TapRequest(limit, match, 1, TapHeaders.NONE, 0, DEFAULT_QUEUE);
    }

    /**
     * A copy that takes a share of what matches.
     *
     * @param changed the chance of each, above 0 up to 1
     * @return the copy
     */
    public TapRequest withProbability(double changed) {
        return new TapRequest(limit, match, changed, headers, bodyBytes, queue);
    }

    /**
     * A copy that shows other fields.
     *
     * @param changed which ones
     * @return the copy
     */
    public TapRequest withHeaders(TapHeaders changed) {
        return new TapRequest(limit, match, probability, changed, bodyBytes, queue);
    }

    /**
     * A copy that shows bodies.
     *
     * @param changed bytes of each at most; 0 for none
     * @return the copy
     */
    public TapRequest withBodyBytes(int changed) {
        return new TapRequest(limit, match, probability, headers, changed, queue);
    }

    /**
     * A copy with another bound of what may wait.
     *
     * @param changed events, 1 to 65,536
     * @return the copy
     */
    public TapRequest withQueue(int changed) {
        return new TapRequest(limit, match, probability, headers, bodyBytes, changed);
    }
}
