package io.headgate.discovery.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.discovery.Json;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.SourceAges;
import io.headgate.resolve.Update;
import io.headgate.test.UpdateProbe;
import java.net.URI;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

class HttpResolverTest {

    private static final List<Endpoint> A = List.of(Endpoint.of("10.0.0.1", 80));
    private static final List<Endpoint> B = List.of(Endpoint.of("10.0.0.2", 80));
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(11);

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final SourceAges ages = SourceAges.create();
    private final List<HttpExchange> asked = new ArrayList<>();
    private Function<HttpExchange, Mono<HttpReply>> server = exchange -> Mono.never();

    private final HttpResolver resolver = HttpResolver.of(
                    exchange -> {
                        asked.add(exchange);
                        return server.apply(exchange);
                    },
                    URI.create("https://control.example/endpoints?zone=a"))
            .withScheduler(time)
            .withObserver(ages);

    private UpdateProbe probe;

    @AfterEach
    void cancel() {
        probe.cancel();
    }

    @Test
    void theDocumentIsAskedForAndThenOnlyWhenItHasChanged() {
        tells(A, "\"1\"");
        subscribe();
        HttpExchange first = asked.get(0);
        assertThat(first.head().method()).isEqualTo("GET");
        assertThat(first.head().scheme()).isEqualTo("https");
        assertThat(first.head().authority()).isEqualTo("control.example");
        assertThat(first.head().target()).isEqualTo("/endpoints?zone=a");
        assertThat(first.head().fields().contains("if-none-match")).isFalse();

        server = exchange -> Mono.just(HttpReply.of(304));
        time.advanceTimeBy(LONGEST_PAUSE);
        assertThat(asked.get(1).head().fields().get("if-none-match")).isEqualTo("\"1\"");
        assertThat(probe.updates()).hasSize(1);
        assertThat(ages.of("orders").isCurrent()).isTrue();

        tells(B, "\"2\"");
        time.advanceTimeBy(LONGEST_PAUSE);
        probe.assertSet(B);
    }

    @Test
    void theServerIsAskedInIntervalsWithJitter() {
        tells(A, null);
        subscribe();
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            pauses.add(pause());
        }
        assertThat(pauses).allSatisfy(pause -> assertThat(pause).isBetween(9_000L, 11_001L));
        assertThat(pauses.stream().distinct().count()).isGreaterThan(10);
    }

    @Test
    void retryAfterIsHonouredWithinBounds() {
        retryAfter("60");
        subscribe();
        assertThat(pause()).isBetween(54_000L, 66_001L);
        retryAfter(DateTimeFormatter.RFC_1123_DATE_TIME.format(
                ZonedDateTime.now(ZoneOffset.UTC).plusSeconds(100)));
        pause();
        assertThat(pause()).isBetween(80_000L, 111_000L);
        retryAfter("86400");
        pause();
        assertThat(pause()).isBetween(270_000L, 330_001L);
        retryAfter("soon");
        pause();
        assertThat(pause()).isBetween(9_000L, 11_001L);
    }

    @Test
    void aServerThatTakesTooLongIsAskedAgain() {
        boolean[] cancelled = {false};
        server = exchange -> Mono.<HttpReply>never().doOnCancel(() -> cancelled[0] = true);
        subscribe();
        time.advanceTimeBy(HttpResolver.LIMIT);
        assertThat(cancelled[0]).isTrue();
        assertThat(ages.of("orders").cause()).isNotNull();

        tells(A, null);
        time.advanceTimeBy(LONGEST_PAUSE);
        probe.assertSet(A);
    }

    @Test
    void aFailureOrNonsenseLeavesTheLastGoodDocumentInForce() {
        tells(A, null);
        subscribe();
        server = exchange -> Mono.just(HttpReply.text(500, "no"));
        time.advanceTimeBy(LONGEST_PAUSE);
        assertThat(ages.of("orders").cause())
                .hasMessage("https://control.example/endpoints?zone=a: status 500 (expected: 200 or 304)");

        server = exchange -> Mono.just(HttpReply.text(200, "{}"));
        time.advanceTimeBy(LONGEST_PAUSE);
        assertThat(ages.of("orders").cause()).hasMessageEndingWith("missing (expected: an object of names)");
        probe.assertSet(A);
        assertThat(probe.updates()).hasSize(1);
    }

    @Test
    void aDocumentThatWasNeverThereKnowsNoNameAndOneThatHasGoneStaysInForce() {
        server = exchange -> Mono.just(HttpReply.of(404));
        subscribe();
        assertThat(probe.updates()).containsExactly(new Update.Absent<>());
        tells(A, null);
        time.advanceTimeBy(LONGEST_PAUSE);
        server = exchange -> Mono.just(HttpReply.of(404));
        time.advanceTimeBy(Duration.ofMinutes(10));

        probe.assertSet(A);
    }

    @Test
    void aDocumentThatIsTooLargeIsNotRead() {
        tells(A, null);
        probe = UpdateProbe.on(resolver.withMaxBytes(10).resolve("orders"));
        time.advanceTimeBy(Duration.ZERO);

        assertThat(probe.updates()).isEmpty();
        assertThat(ages.of("orders").isCurrent()).isFalse();
    }

    @Test
    void allNamesShareTheRequests() {
        tells(A, null);
        subscribe();
        UpdateProbe other = UpdateProbe.on(resolver.resolve("carts"));
        time.advanceTimeBy(LONGEST_PAUSE);

        other.awaitAbsent();
        assertThat(asked).hasSize(2);
        other.cancel();
        assertThat(ages.all()).containsOnlyKeys("orders");
    }

    @Test
    void aNameIsLeftWithItsLastSubscriber() {
        tells(A, null);
        subscribe();
        UpdateProbe.on(resolver.resolve("orders")).cancel();
        assertThat(ages.of("orders").isCurrent()).isTrue();
        probe.cancel();
        assertThat(ages.all()).isEmpty();
    }

    @Test
    void cancelEndsTheRequestUnderWay() {
        boolean[] cancelled = {false};
        server = exchange -> Mono.<HttpReply>never().doOnCancel(() -> cancelled[0] = true);
        subscribe();
        probe.cancel();

        assertThat(cancelled[0]).isTrue();
        time.advanceTimeBy(Duration.ofMinutes(1));
        assertThat(asked).hasSize(1);
    }

    @Test
    void settingsOutOfRangeAreRefused() {
        subscribe();
        assertThatThrownBy(() -> HttpResolver.of(exchange -> Mono.never(), URI.create("/endpoints")))
                .hasMessage("uri: /endpoints (expected: scheme://authority/path)");
        assertThatThrownBy(() -> resolver.withLimit(Duration.ZERO)).hasMessage("limit: PT0S (expected: above zero)");
    }

    private void subscribe() {
        probe = UpdateProbe.on(resolver.resolve("orders"));
        time.advanceTimeBy(Duration.ZERO);
    }

    private void tells(List<Endpoint> endpoints, String etag) {
        Fields fields = etag == null ? Fields.empty() : Fields.of("etag", etag);
        server = exchange -> Mono.just(HttpReply.of(200, fields, Body.utf8(Json.of("orders", endpoints))));
    }

    private void retryAfter(String value) {
        server = exchange -> Mono.just(HttpReply.of(503, Fields.of("retry-after", value), Body.empty()));
    }

    /** How many milliseconds pass until the server is asked again. */
    private long pause() {
        int before = asked.size();
        long waited = 0;
        while (asked.size() == before) {
            time.advanceTimeBy(Duration.ofMillis(1));
            waited++;
        }
        return waited;
    }
}
