package io.headgate.resolve;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.resolve.EndpointSet.Changes;
import io.headgate.resolve.EndpointSet.Presence;
import io.headgate.resolve.Update.Absent;
import io.headgate.resolve.Update.Departure;
import io.headgate.resolve.Update.Remove;
import io.headgate.resolve.Update.Reset;
import io.headgate.resolve.Update.Upsert;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EndpointSetTest {

    private static final Endpoint A = Endpoint.of("10.0.0.1", 80);
    private static final Endpoint B = Endpoint.of("10.0.0.2", 80);
    private static final Endpoint C = Endpoint.of("10.0.0.3", 80);

    private final EndpointSet set = new EndpointSet();
    private final List<String> told = new ArrayList<>();

    @Test
    void nothingIsKnownBeforeTheFirstUpdate() {
        assertThat(set.presence()).isEqualTo(Presence.UNKNOWN);
        assertThat(set.state()).isNull();
        assertThat(apply(new Remove<>(List.of(A), Departure.DROP))).isFalse();
        assertThat(set.presence()).isEqualTo(Presence.UNKNOWN);
    }

    @Test
    void aResetTellsWhatComesThenWhatLeaves() {
        apply(new Reset<>(List.of(A, B)));
        assertThat(apply(new Reset<>(List.of(B, C)))).isTrue();

        assertThat(told).containsExactly("+" + A, "+" + B, "+" + C, "-" + A + " DRAIN");
        assertThat(set.endpoints()).containsExactly(B, C);
    }

    @Test
    void equalMetadataIsNoChange() {
        apply(new Reset<>(List.of(A, B)));
        told.clear();

        assertThat(apply(new Upsert<>(List.of(A)))).isFalse();
        assertThat(apply(new Reset<>(List.of(B, A)))).isFalse();
        assertThat(told).isEmpty();
    }

    @Test
    void otherMetadataAtTheSameAddressIsAChange() {
        apply(new Reset<>(List.of(A)));
        Endpoint labelled = A.withLabels(Map.of("zone", "b"));

        assertThat(apply(new Upsert<>(List.of(labelled)))).isTrue();
        assertThat(told).endsWith("*" + A);
        assertThat(set.get(A.address())).isEqualTo(labelled);
        assertThat(set.size()).isOne();
    }

    @Test
    void aRemovalNamesTheAddressAndTellsTheWholeEndpoint() {
        Endpoint heavy = A.withWeight(3);
        apply(new Reset<>(List.of(heavy)));

        List<Endpoint> gone = new ArrayList<>();
        set.apply(new Remove<>(List.of(A, B), Departure.DROP), new Changes() {
            @Override
            public void left(Endpoint endpoint, Departure departure) {
                gone.add(endpoint);
            }
        });
        assertThat(gone).containsExactly(heavy);
        assertThat(set.state()).isEqualTo(new Reset<>(List.of()));
    }

    @Test
    void absentDrainsAll() {
        apply(new Reset<>(List.of(A)));

        assertThat(apply(new Absent<>())).isTrue();
        assertThat(apply(new Absent<>())).isFalse();
        assertThat(told).endsWith("-" + A + " DRAIN");
        assertThat(set.state()).isEqualTo(new Absent<>());
    }

    @Test
    void anEmptySetIsNotAnAbsentOne() {
        apply(new Absent<>());

        assertThat(apply(new Reset<>(List.of()))).isTrue();
        assertThat(set.presence()).isEqualTo(Presence.PRESENT);
    }

    @Test
    void anUpsertAfterAbsentIsTheSet() {
        apply(new Absent<>());

        assertThat(apply(new Upsert<>(List.of(A)))).isTrue();
        assertThat(set.state()).isEqualTo(new Reset<>(List.of(A)));
    }

    private boolean apply(Update<Endpoint> update) {
        return set.apply(update, new Changes() {
            @Override
            public void put(Endpoint endpoint, Endpoint before) {
                told.add((before == null ? "+" : "*") + endpoint);
            }

            @Override
            public void left(Endpoint endpoint, Departure departure) {
                told.add("-" + endpoint + " " + departure);
            }
        });
    }
}
