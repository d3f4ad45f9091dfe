package io.headgate.rpc.stream;

import io.headgate.http.Body;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;

/**
 * How far a stream is.
 *
 * @param state what it does
 * @param bytes how many have passed
 * @param total how many there will be, or {@link Body#UNKNOWN_LENGTH}
 * @param elapsed how long it has gone on, or took
 * @param rate bytes a second since the report before this one
 */
public record ProgressReport(State state, long bytes, long total, Duration elapsed, double rate) {

    /** What a stream does. */
    public enum State {
        /** It has not been subscribed. */
        WAITING,
        /** It goes on. */
        RUNNING,
        /** It came to its end. */
        COMPLETE,
        /** It failed. */
        FAILED,
        /** Nobody wanted the rest. */
        CANCELLED
    }

    private static final double KIB = 1024;
    private static final String UNITS = "KMGTPE";

    /** Checks that nothing is missing. */
    public ProgressReport {
        Objects.requireNonNull(state, "state");
        Objects.requireNonNull(elapsed, "elapsed");
    }

    /**
     * Whether there is nothing to come.
     *
     * @return true for the last report of a stream
     */
    public boolean isLast() {
        return state != State.WAITING && state != State.RUNNING;
    }

    /**
     * The share that is done.
     *
     * @return 0 to 1, or NaN when the total is not known
     */
    public double share() {
        return total == Body.UNKNOWN_LENGTH ? Double.NaN : total == 0 ? 1 : Math.min(1.0, (double) bytes / total);
    }

    /**
     * The rate over the whole time.
     *
     * @return bytes a second; zero at the very beginning
     */
    public double average() {
        return elapsed.isZero() ? 0 : bytes * 1e9 / elapsed.toNanos();
    }

    /**
     * For people.
     *
     * @return for example {@code 1.5 GiB of 2.0 GiB, 75 %, 100.3 MiB/s, 15.3 s}
     */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(size(bytes));
        if (total != Body.UNKNOWN_LENGTH) {
            text.append(" of ")
                    .append(size(total))
                    .append(", ")
                    .append((int) (share() * 100))
                    .append(" %");
        }
        text.append(", ").append(size(isLast() ? average() : rate)).append("/s, ");
        text.append(String.format(Locale.ROOT, "%.1f s", elapsed.toMillis() / 1000.0));
        return isLast()
                ? text.append(", ")
                        .append(state.name().toLowerCase(Locale.ROOT))
                        .toString()
                : text.toString();
    }

    private static String size(double bytes) {
        if (bytes < KIB) {
            return (long) bytes + " B";
        }
        int unit = -1;
        for (; bytes >= KIB; unit++) {
            bytes /= KIB;
        }
        return String.format(Locale.ROOT, "%.1f %siB", bytes, UNITS.charAt(unit));
    }
}
