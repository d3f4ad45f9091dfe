package io.headgate.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.RefusedException;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.mux.DeadlineException;
import io.headgate.mux.UpstreamException;
import io.headgate.mux.UpstreamException.Failure;
import io.netty.handler.codec.DateFormatter;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PenaltiesTest {

    private static final long SECOND = 1_000_000_000;

    private final Penalties penalties = new Penalties(Duration.ofSeconds(5));
    private final HttpExchange get = HttpExchange.of(RequestHead.of("GET", "test.example", "/"), Body.empty());
    private final HttpExchange grpc = get.withHead(
            new RequestHead("POST", "http", "test.example", "/a.B/c", Fields.of("content-type", "application/grpc")));

    private long atHead(HttpExchange exchange, int status, String... fields) {
        return penalties.atHead(exchange, new ReplyHead(status, Fields.of(fields)));
    }

    @ParameterizedTest
    @CsvSource({"200, 0", "302, 0", "404, 0", "429, 5", "500, 5", "503, 5"})
    void failuresByStatusCount(int status, long seconds) {
        assertThat(atHead(get, status)).isEqualTo(seconds * SECOND);
    }

    @ParameterizedTest
    @CsvSource({"1, 5", "20, 20", "301, 300", "999999999, 300", "soon, 5", "-3, 5"})
    void retryAfterCountsWhenItIsLonger(String value, long seconds) {
        assertThat(atHead(get, 503, "retry-after", value)).isEqualTo(seconds * SECOND);
    }

    @Test
    void retryAfterMayBeADate() {
        String date = DateFormatter.format(Date.from(Instant.now().plusSeconds(60)));
        assertThat((double) atHead(get, 503, "retry-after", date)).isCloseTo(60.0 * SECOND, within(3.0 * SECOND));
    }

    @Test
    void onlyTheEndTellsOfGrpc() {
        ReplyHead head = new ReplyHead(200, Fields.of("content-type", "application/grpc"));
        assertThat(penalties.atHead(grpc, head)).isEqualTo(Penalties.LATER);
        assertThat(penalties.atEnd(grpc, head, Fields.of("grpc-status", "0"))).isZero();
        assertThat(penalties.atEnd(grpc, head, Fields.of("grpc-status", "14"))).isEqualTo(5 * SECOND);
        assertThat(penalties.atEnd(grpc, head, Fields.of("grpc-status", "8"))).isEqualTo(5 * SECOND);
        assertThat(penalties.atEnd(grpc, head, Fields.of("grpc-status", "5"))).isZero();
        assertThat(penalties.atEnd(grpc, head, Fields.empty())).isEqualTo(5 * SECOND);
        assertThat(penalties.atEnd(grpc, head, Fields.of("grpc-status", "14", "grpc-retry-pushback-ms", "30000")))
                .isEqualTo(30 * SECOND);
    }

    @Test
    void trailersOnlyTellsAtOnce() {
        assertThat(atHead(grpc, 200, "content-type", "application/grpc", "grpc-status", "13"))
                .isEqualTo(5 * SECOND);
    }

    @Test
    void failuresOfTransportCountAndThoseOfClientsDoNot() {
        assertThat(penalties.of(get, UpstreamException.of(Failure.LOST, null))).isEqualTo(5 * SECOND);
        assertThat(penalties.of(get, UpstreamException.unprocessed(Failure.CONNECT, null)))
                .isEqualTo(5 * SECOND);
        assertThat(penalties.of(get, new IllegalStateException())).isEqualTo(5 * SECOND);
        assertThat(penalties.of(get, new RefusedException(413, "too large"))).isZero();
        assertThat(penalties.of(get, DeadlineException.exceeded())).isZero();
    }
}
