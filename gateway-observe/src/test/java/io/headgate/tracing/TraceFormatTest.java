package io.headgate.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.headgate.http.Fields;
import io.headgate.test.AllocationAssert;
import io.headgate.test.TestExchange;
import io.headgate.tracing.TraceFormat.Wish;
import io.micrometer.observation.ObservationRegistry;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What clients say of sampling. */
class TraceFormatTest {

    private static final String IDS = "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7";

    @ParameterizedTest
    @CsvSource({
        "00-IDS-01, SAMPLED",
        "00-IDS-00, NOT_SAMPLED",
        "00-IDS-03, SAMPLED",
        "00-IDS-fe, NOT_SAMPLED",
        "cc-IDS-01-more, SAMPLED",
        "cc-IDS-01, SAMPLED",
        "cc-IDS-01more, NONE",
        "00-IDS-01-, NONE",
        "ff-IDS-01, NONE",
        "0-IDS-01, NONE",
        "00-IDS-0, NONE",
        "00-IDS-0x, NONE",
        "00-IDS+01, NONE",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01, NONE",
        "x, NONE"
    })
    void traceparent(String text, Wish wish) {
        Fields fields = Fields.of("TraceParent", text.replace("IDS", IDS));
        assertThat(TraceFormat.W3C.wish(fields)).isEqualTo(wish);
    }

    @ParameterizedTest
    @CsvSource({
        "IDS-1, SAMPLED",
        "IDS-d, SAMPLED",
        "IDS-0, NOT_SAMPLED",
        "IDS-1-1111111111111111, SAMPLED",
        "IDS, NONE",
        "IDS-, NONE",
        "IDS-11, NONE",
        "IDS-x, NONE",
        "a3ce929d0e0e4736-00f067aa0ba902b7-1, SAMPLED",
        "a3ce929d0e0e4736-00f067aa0ba902bX-1, NONE",
        "0, NOT_SAMPLED",
        "1, SAMPLED",
        "d, SAMPLED",
        "x, NONE"
    })
    void b3(String text, Wish wish) {
        assertThat(TraceFormat.B3.wish(Fields.of("b3", text.replace("IDS", IDS))))
                .isEqualTo(wish);
    }

    @Test
    void b3InManyFields() {
        assertThat(TraceFormat.B3.wish(Fields.of("X-B3-Sampled", "1"))).isEqualTo(Wish.SAMPLED);
        assertThat(TraceFormat.B3.wish(Fields.of("X-B3-Sampled", "true"))).isEqualTo(Wish.SAMPLED);
        assertThat(TraceFormat.B3.wish(Fields.of("X-B3-Sampled", "0"))).isEqualTo(Wish.NOT_SAMPLED);
        assertThat(TraceFormat.B3.wish(Fields.of("X-B3-Flags", "1", "X-B3-Sampled", "0")))
                .isEqualTo(Wish.SAMPLED);
        assertThat(TraceFormat.B3.wish(Fields.of("X-B3-Sampled", "maybe"))).isEqualTo(Wish.NONE);
        assertThat(TraceFormat.B3.wish(Fields.empty())).isEqualTo(Wish.NONE);
    }

    @Test
    void decidingAllocatesNothing() {
        Sampler sampler = new Sampler(0.01, List.of(TraceFormat.W3C, TraceFormat.B3), null, () -> 0.5);
        Fields fields = Fields.of("accept", "*/*", "traceparent", "00-" + IDS + "-00", "b3", "0");
        var exchange = TestExchange.get("/");
        var told = exchange.withHead(exchange.head().withFields(fields));
        AllocationAssert.assertNothingBeyond(() -> {}, () -> {
            sampler.picks(told, sampler.trusts(told));
            sampler.picks(exchange, sampler.trusts(exchange));
        });
        assertThat(sampler.picks(exchange, true)).isFalse();
    }

    @Test
    void aShareIsTaken() {
        Sampler sampler = new Sampler(0.25, List.of(TraceFormat.W3C), null, new java.util.Random(1)::nextDouble);
        var exchange = TestExchange.get("/");
        int picked = 0;
        for (int i = 0; i < 10_000; i++) {
            picked += sampler.picks(exchange, true) ? 1 : 0;
        }
        assertThat(picked).isBetween(2_300, 2_700);
    }

    @Test
    void settingsAreChecked() {
        Tracing tracing = Tracing.of(ObservationRegistry.NOOP);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tracing.withShare(1.5))
                .withMessage("share: 1.5 (expected: 0..1)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> tracing.withShare(Double.NaN))
                .withMessageStartingWith("share: NaN");
        assertThatIllegalArgumentException()
                .isThrownBy(tracing::withFormats)
                .withMessage("formats: none (expected: at least one)");
    }
}
