package io.headgate.mux.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.Deadline;
import io.headgate.http.Fields;
import io.headgate.http.RequestHead;
import io.headgate.mux.RequestException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrpcTest {

    private static Deadline deadline(String timeout) {
        return Grpc.deadline(Fields.of("grpc-timeout", timeout));
    }

    @ParameterizedTest
    @CsvSource({
        "10n, 10",
        "10u, 10000",
        "10m, 10000000",
        "10S, 10000000000",
        "10M, 600000000000",
        "10H, 36000000000000",
        "0m, 0",
        "99999999S, 99999999000000000"
    })
    void timeoutIsADeadlineFromNow(String timeout, long nanos) {
        long before = System.nanoTime();
        long at = deadline(timeout).nanoTime();
        long after = System.nanoTime();
        assertThat(at - nanos).isBetween(before, after);
    }

    @Test
    void timeoutThatTheClockCannotCountIsNone() {
        assertThat(deadline("99999999H").isNone()).isTrue();
        assertThat(Grpc.deadline(Fields.empty()).isNone()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "S", "1", "1s", "1h", "-1S", "+1S", "1.5S", "1 S", "123456789S", "1SS"})
    void anyOtherTimeoutIsMalformed(String timeout) {
        assertThatThrownBy(() -> deadline(timeout))
                .isInstanceOfSatisfying(
                        RequestException.class, e -> assertThat(e.status()).isEqualTo(400))
                .hasMessageStartingWith("grpc-timeout: ");
    }

    @Test
    void secondTimeoutIsMalformed() {
        assertThatThrownBy(() -> Grpc.deadline(Fields.of("grpc-timeout", "1S", "grpc-timeout", "1S")))
                .isInstanceOf(RequestException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "-5, 1n",
        "0, 1n",
        "99999999, 99999999n",
        "100000000, 100000u",
        "99999999999, 99999999u",
        "100000000000, 100000m",
        "99999999999999, 99999999m",
        "100000000000000, 100000S",
        "99999999000000000, 99999999S",
        "100000000000000000, 1666666M",
        "4611686018427387903, 76861433M"
    })
    void whatIsLeftIsWrittenInTheFinestUnitThatFits(long nanos, String text) {
        assertThat(Grpc.format(nanos)).isEqualTo(text);
    }

    @Test
    void forwardedTimeoutIsWhatIsLeft() {
        RequestHead head = RequestHead.of("POST", "a", "/s/m")
                .withFields(Fields.of("content-type", "application/grpc", "grpc-timeout", "10S", "x", "y"));
        Fields sent = Grpc.forward(head, Deadline.after(Duration.ofSeconds(5))).fields();
        assertThat(sent.all("grpc-timeout")).hasSize(1);
        assertThat(Grpc.deadline(sent).remainingNanos())
                .isBetween(TimeUnit.SECONDS.toNanos(1), TimeUnit.SECONDS.toNanos(5));
        assertThat(sent.get("x")).isEqualTo("y");
    }

    @Test
    void whatIsNotGrpcGetsNoTimeout() {
        RequestHead head =
                RequestHead.of("POST", "a", "/").withFields(Fields.of("content-type", "application/grpc-web"));
        assertThat(Grpc.forward(head, Deadline.after(Duration.ofSeconds(5)))).isSameAs(head);
    }
}
