package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class DiscoveryTest {

    @Test
    void onceFollowsBothSourcesWithoutAFailedRequestAndExits0() {
        Run run = Run.of("discovery", "--once", "--listen", "127.0.0.1:0", "--rate", "200");

        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .containsSubsequence(
                        "Act 1",
                        "ok   c appears: c is called, too",
                        " drains",
                        "ok   the slow one gets its answer: 200",
                        "ok   the next file is bad: it is refused, and the last good set stays",
                        "ok   e dies, and the file names it still: it gets no calls any more, and nobody has noticed",
                        "ok   the file leaves e out: e is gone",
                        "Act 2",
                        "ok   a leaves: it has drained and is gone",
                        "ok   the control plane goes away: the set is known to be old",
                        "ok   requests go on",
                        "ok   the control plane is back: b and d are in force, c is gone",
                        " requests answered, 0 failed",
                        "endpoint",
                        "p99")
                .contains("gone -> ready", " -> draining")
                .doesNotContain("FAIL", "curl", "\u001b");
        assertThat(run.out().lines())
                .anyMatch(line -> line.matches("orders +e {2}:\\d+ +gone .*current"))
                .anyMatch(line -> line.matches("users.example:80 +d {2}:\\d+ +ready .*ms .*current"));
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void rateOutOfRangeIsAMistake() {
        Run run = Run.of("discovery", "--once", "--rate", "0");

        assertThat(run.err()).contains("--rate: 0 (expected: 1..10000)");
        assertThat(run.exitCode()).isEqualTo(2);
    }
}
