package io.headgate.trace;

import static io.headgate.forward.From.below;
import static io.headgate.forward.From.peer;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.headgate.forward.Networks;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

class RequestIdTest {

    private final RequestId made = RequestId.create().withIds(() -> "made");
    private final RequestId keeping = made.withKept(Networks.of("10.0.0.0/8"));

    @Test
    void givesEachRequestAnId() {
        HttpExchange seen = below(made, peer("203.0.113.9", "traceparent", "00-ab-cd-01"));

        assertThat(seen.head().fields()).isEqualTo(Fields.of("traceparent", "00-ab-cd-01", "x-request-id", "made"));
        assertThat(seen.attributes().get(RequestId.KEY)).isEqualTo("made");
    }

    @Test
    void replacesTheIdOfAStrangerAndItsTwin() {
        HttpExchange seen = below(
                keeping, peer("203.0.113.9", "X-Request-Id", "mine", "x_request_id", "mine", "x-request-id", "mine"));

        assertThat(seen.head().fields()).isEqualTo(Fields.of("x-request-id", "made"));
    }

    @Test
    void keepsTheIdOfATrustedPeer() {
        HttpExchange given = peer("10.0.0.1", "X-Request-Id", "Root=1-67891233:ab/c+d~e_f.g");
        HttpExchange seen = below(keeping, given);

        assertThat(seen.head().fields()).isSameAs(given.head().fields());
        assertThat(seen.attributes().get(RequestId.KEY)).isEqualTo("Root=1-67891233:ab/c+d~e_f.g");
        assertThat(below(made.withAllKept(), peer("203.0.113.9", "x-request-id", "a"))
                        .attributes()
                        .get(RequestId.KEY))
                .isEqualTo("a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a b", "a,b", "\"a\"", "<a>", "a;b"})
    void replacesWhatIsNoId(String value) {
        HttpExchange seen = below(keeping, peer("10.0.0.1", "x-request-id", value));

        assertThat(seen.head().fields()).isEqualTo(Fields.of("x-request-id", "made"));
    }

    @Test
    void replacesAnIdThatIsTooLongOrComesTwice() {
        assertThat(below(keeping, peer("10.0.0.1", "x-request-id", "a".repeat(129)))
                        .attributes()
                        .get(RequestId.KEY))
                .isEqualTo("made");
        assertThat(below(keeping, peer("10.0.0.1", "x-request-id", "a".repeat(128)))
                        .attributes()
                        .get(RequestId.KEY))
                .hasSize(128);
        assertThat(below(keeping, peer("10.0.0.1", "x-request-id", "a", "x-request-id", "b"))
                        .head()
                        .fields()
                        .all("x-request-id"))
                .containsExactly("made");
    }

    @Test
    void tellsTheClientWhenAskedTo() {
        HttpReply upstream = HttpReply.of(200, Fields.of("X-Request-Id", "theirs"), Body.empty());

        HttpReply told = made.withReply(true)
                .wrap(e -> Mono.just(upstream))
                .call(peer("10.0.0.1"))
                .block();
        HttpReply untold =
                made.wrap(e -> Mono.just(upstream)).call(peer("10.0.0.1")).block();

        assertThat(told.fields()).isEqualTo(Fields.of("x-request-id", "made"));
        assertThat(untold).isSameAs(upstream);
    }

    @Test
    void usesAnotherField() {
        assertThat(below(made.withName("x-trace"), peer("10.0.0.1")).head().fields())
                .isEqualTo(Fields.of("x-trace", "made"));
        assertThatIllegalArgumentException().isThrownBy(() -> made.withName("a b"));
    }

    @Test
    void idsAreUuidsOfVersion7InTheOrderOfTime() {
        long[] now = {0x0123_4567_89ABL};
        TimeOrderedIds ids = new TimeOrderedIds(() -> now[0]++, () -> -1L);
        String first = ids.get();
        String second = ids.get();

        assertThat(first).isEqualTo("01234567-89ab-7fff-bfff-ffffffffffff");
        assertThat(second).isGreaterThan(first);
        UUID real = UUID.fromString(new TimeOrderedIds().get());
        assertThat(real.version()).isEqualTo(7);
        assertThat(real.variant()).isEqualTo(2);
    }
}
