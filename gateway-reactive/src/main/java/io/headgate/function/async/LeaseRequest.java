package io.headgate.function.async;

import java.time.Duration;
import java.time.Instant;
import java.util.Set;

/**
 * Who takes which calls.
 *
 * @param worker who takes them, for people to read
 * @param max calls at most, 1 or more
 * @param now the time
 * @param time how long they are leased
 * @param except functions whose calls are not taken, because they have no room now
 */
public record LeaseRequest(String worker, int max, Instant now, Duration time, Set<String> except) {

    /** Copies the set and checks the number. */
    public LeaseRequest {
        if (max < 1) {
            throw new IllegalArgumentException("max: " + max + " (expected: at least 1)");
        }
        except = Set.copyOf(except);
    }

    /**
     * When the leases end.
     *
     * @return the time
     */
    public Instant until() {
        return now.plus(time);
    }
}
