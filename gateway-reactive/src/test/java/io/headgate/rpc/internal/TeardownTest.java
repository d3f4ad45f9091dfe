package io.headgate.rpc.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.rpc.RpcStats.Phase;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TeardownTest {

    private final List<String> log = new ArrayList<>();
    private final Recorded calls = new Recorded("calls");
    private final Recorded frames = new Recorded("frames");
    private final Recorded bytes = new Recorded("bytes");
    private final Teardown teardown = new Teardown(List.of(calls, frames, bytes), 100, 50, 0, new Teardown.Listener() {
        @Override
        public void onPhase(Teardown.Layer layer, Phase phase, long nanos) {
            log.add(layer.name() + " " + phase + " " + nanos);
        }

        @Override
        public void onEnd(Teardown.@Nullable Layer late, boolean clean) {
            log.add("end " + (late == null ? "in time" : "late " + late.name()) + " " + clean);
        }
    });

    @Test
    void layersAreTakenDownOneAfterTheOtherFromTheTop() {
        open();
        teardown.tick(10);
        teardown.begin(1000);
        assertThat(log).containsExactly("calls DRAINING 10", "drain calls");
        teardown.drained(calls);
        teardown.closed(calls);
        teardown.drained(frames);
        teardown.closed(frames);
        teardown.drained(bytes);
        log.clear();
        teardown.closed(bytes);
        assertThat(log).containsExactly("bytes CLOSED 0", "end in time true");
        assertThat(teardown.phase()).isEqualTo(Phase.CLOSED);
    }

    @Test
    void aLayerBelowDoesNotBeginToDrainBeforeTheOneAboveIsClosed() {
        open();
        teardown.begin(1000);
        teardown.drained(calls);
        teardown.drained(frames);
        teardown.closed(frames);
        assertThat(teardown.phase(frames)).isEqualTo(Phase.OPEN);
        assertThat(teardown.phase(calls)).isEqualTo(Phase.CLOSING);
    }

    @Test
    void whatDrainsTooLongIsCutAndTheGoodbyesGoOn() {
        open();
        teardown.begin(20);
        teardown.tick(19);
        assertThat(log).doesNotContain("cut calls");
        teardown.tick(20);
        assertThat(log).contains("cut calls");
        teardown.drained(calls);
        assertThat(teardown.phase(calls)).isEqualTo(Phase.CLOSING);
    }

    @Test
    void aGoodbyeThatDoesNotComeIsGivenUpAtItsDeadline() {
        open();
        teardown.begin(20);
        teardown.drained(calls);
        teardown.tick(49);
        assertThat(teardown.phase()).isEqualTo(Phase.CLOSING);
        teardown.tick(50);
        assertThat(log).endsWith("bytes ABORTED 50", "end late calls false");
    }

    @Test
    void aHandshakeThatDoesNotEndIsGivenUpAtItsDeadline() {
        teardown.opened(bytes);
        teardown.tick(99);
        assertThat(log).doesNotContain("end late calls false");
        teardown.tick(100);
        assertThat(log).endsWith("end late calls false");
    }

    @Test
    void theEarlierEndOfDrainingCounts() {
        open();
        teardown.begin(1000);
        teardown.begin(10);
        teardown.begin(500);
        teardown.tick(10);
        assertThat(log).contains("cut calls");
    }

    @Test
    void theEndIsToldOnce() {
        open();
        teardown.abort();
        teardown.abort();
        teardown.begin(0);
        teardown.tick(1_000_000);
        assertThat(log.stream().filter(line -> line.startsWith("end"))).containsExactly("end in time false");
        assertThat(teardown.phase()).isEqualTo(Phase.ABORTED);
    }

    private void open() {
        teardown.opened(bytes);
        teardown.opened(frames);
        teardown.opened(calls);
        assertThat(teardown.phase()).isEqualTo(Phase.OPEN);
        log.clear();
    }

    private final class Recorded implements Teardown.Layer {

        private final String name;

        private Recorded(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void drain() {
            log.add("drain " + name);
        }

        @Override
        public void cut() {
            log.add("cut " + name);
        }

        @Override
        public void close() {
            log.add("close " + name);
        }
    }
}
