package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class SyncFleetTest {

    @Test
    void trafficOfThreeGatewaysFollowsAFileWithoutAFailedRequest() {
        Run run = Run.of("sync-fleet", "--rate", "100");

        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .containsSubsequence(
                        "ok   three gateways follow one server: all are served",
                        "ok   c appears in the file: all gateways know it",
                        "ok   requests go on: to c, too",
                        "ok   the file leaves a out: a has drained and is gone",
                        "ok   the server goes away: the sets are known to be old",
                        "ok   the file names c alone meanwhile: nobody knows yet",
                        "ok   the server is back: c is in force, and b, which vanished, is gone",
                        "gateway 3: ",
                        " requests answered, 0 failed",
                        "endpoint")
                .doesNotContain("FAIL", "\u001b");
        assertThat(run.out().lines().filter(line -> line.matches("gateway \\d: \\d+ requests answered, 0 failed")))
                .hasSize(3);
        assertThat(run.out().lines()).anyMatch(line -> line.matches("gateway 2 +orders +c {2}:\\d+ +ready .*current"));
        assertThat(run.exitCode()).isZero();
    }
}
