package io.headgate.gateway;

import java.time.Duration;

/**
 * How far a drain has come.
 *
 * @param listening whether connections are still accepted: for the first moments, until those that the kernel has accepted
 *     already are taken over
 * @param connections client connections that are left
 * @param exchanges exchanges on them that have not ended
 * @param cut exchanges that were ended because the grace was over; with zero in the last progress nothing was lost
 * @param elapsed since the drain began
 */
public record DrainProgress(boolean listening, long connections, long exchanges, long cut, Duration elapsed) {

    static final DrainProgress NOTHING_LEFT = new DrainProgress(false, 0, 0, 0, Duration.ZERO);

    /**
     * Tells whether clients have nothing to wait for any more.
     *
     * @return true when no port is open and no connection is left
     */
    public boolean isDrained() {
        return !listening && connections == 0;
    }

    /** The sum of what several listeners say. */
    DrainProgress plus(DrainProgress other) {
        return new DrainProgress(
                listening || other.listening,
                connections + other.connections,
                exchanges + other.exchanges,
                cut + other.cut,
                elapsed.compareTo(other.elapsed) > 0 ? elapsed : other.elapsed);
    }
}
