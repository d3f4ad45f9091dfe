package io.headgate.samples.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.headgate.http.Fields;
import io.headgate.tap.TapEvent.Dropped;
import io.headgate.tap.TapEvent.End;
import io.headgate.tap.TapEvent.RequestInit;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopFiguresTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final TopFigures figures = new TopFigures(1);
    private long stream;

    @Test
    void routesComeByRateWithTheirFigures() {
        for (int i = 1; i <= 100; i++) {
            call("/books/" + i, i, i <= 10 ? 503 : 200, new End.Complete());
        }
        call("/authors", 7, 404, new End.Complete());

        List<TopRow> rows = figures.roll(Duration.ofSeconds(2)).rows();

        assertThat(rows).extracting(TopRow::route).containsExactly("GET /books/:id", "GET /authors");
        TopRow books = rows.get(0);
        assertThat(books.requests()).isEqualTo(100);
        assertThat(books.successes()).isEqualTo(90);
        assertThat(books.rate()).isEqualTo(50);
        assertThat(books.p50()).isCloseTo(50_000, within(500L));
        assertThat(books.p95()).isCloseTo(95_000, within(1000L));
        assertThat(books.p99()).isCloseTo(99_000, within(1000L));
        assertThat(books.best()).isCloseTo(1_000, within(10L));
        assertThat(books.worst()).isCloseTo(100_000, within(1000L));
        assertThat(books.last()).isEqualTo(100_000);
        assertThat(rows.get(1).successes()).isEqualTo(1);
    }

    @Test
    void figuresAreOfTheLastTenIntervals() {
        call("/a", 1, 200, new End.Complete());
        for (int i = 0; i < 10; i++) {
            assertThat(figures.roll(SECOND).rows()).hasSize(1);
        }

        TopView view = figures.roll(SECOND);

        assertThat(view.rows()).isEmpty();
        assertThat(view.window()).isEqualTo(Duration.ofSeconds(10));
        call("/a", 1, 200, new End.Complete());
        assertThat(figures.roll(SECOND).rows().get(0).rate()).isEqualTo(0.1);
    }

    @Test
    void theRateOfASampleIsAnEstimateForAll() {
        TopFigures sampled = new TopFigures(0.01);
        Events.exchange(0, "/a", 200).forEach(sampled::accept);

        TopView view = sampled.roll(SECOND);

        assertThat(view.rows().get(0).rate()).isCloseTo(100, within(1e-9));
        assertThat(view.probability()).isEqualTo(0.01);
    }

    @ParameterizedTest
    @CsvSource({
        "200, 0, true",
        "200, 14, false",
        "200, 5, true",
        "200, 2, false",
        "200, 13, false",
    })
    void grpcCallsAreJudgedByTheirStatus(int status, int grpc, boolean isSuccess) {
        call("/a", 1, status, new End.Grpc(grpc));

        assertThat(figures.roll(SECOND).rows().get(0).successes()).isEqualTo(isSuccess ? 1 : 0);
    }

    @ParameterizedTest
    @CsvSource({"timeout, 0", "unprocessed, 0", "client, 1", "cancelled, 1"})
    void callsWithoutAReplyAreJudgedByTheirFailure(String error, int successes) {
        figures.accept(Events.request(0, "GET", "/a"));
        figures.accept(Events.failed(0, 3, error));

        TopRow row = figures.roll(SECOND).rows().get(0);
        assertThat(row.successes()).isEqualTo(successes);
        assertThat(row.last()).isEqualTo(3_000);
    }

    @Test
    void leavingAReplyThatWasGoodIsNoFailure() {
        call("/a", 1, 200, new End.Cancelled());
        call("/a", 1, 500, new End.Cancelled());

        assertThat(figures.roll(SECOND).rows().get(0).successes()).isEqualTo(1);
    }

    @Test
    void whatGoesOnIsCountedAsOpen() {
        figures.accept(Events.request(0, "GET", "/a"));
        figures.accept(Events.end(9, 1, 1, new End.Complete())); // of one whose beginning was dropped

        TopView view = figures.roll(SECOND);
        assertThat(view.open()).isEqualTo(1);
        assertThat(view.rows()).isEmpty();
    }

    @Test
    void droppedEventsAreCounted() {
        figures.accept(new Dropped(10, 2));
        figures.accept(new Dropped(5, 1));

        TopView view = figures.roll(SECOND);
        assertThat(view.droppedEvents()).isEqualTo(15);
        assertThat(view.droppedExchanges()).isEqualTo(3);
    }

    @Test
    void routesAndOpenExchangesAreBounded() {
        for (int i = 0; i < 1000; i++) {
            call("/path-" + Integer.toString(i, 36) + "z", 1, 200, new End.Complete());
        }
        for (int i = 0; i < 20_000; i++) {
            figures.accept(Events.request(stream++, "GET", "/open"));
        }

        TopView view = figures.roll(SECOND);

        assertThat(view.rows()).hasSizeBetween(256, 257);
        assertThat(view.rows().get(0).route()).isEqualTo(TopFigures.OTHERS);
        assertThat(view.rows().get(0).requests()).isEqualTo(1000 - 256);
        assertThat(view.open()).isEqualTo(16_384);
        assertThat(view.forgotten()).isEqualTo(20_000 - 16_384);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/books/17?page=2 | GET /books/:id",
                "/books/17/pages/3/ | GET /books/:id/pages/:id/",
                "/u/123e4567-e89b-12d3-a456-426614174000 | GET /u/:id",
                "/commit/0a1b2c3d4e | GET /commit/:id",
                "/t/eyJhbGciOiJIUzI1NiJ9_x-y | GET /t/:id",
                "/api/v2/facade | GET /api/v2/facade",
                "/ | GET /",
                "* | GET books.example",
            })
    void idsInPathsAreCollapsed(String target, String route) {
        assertThat(RouteNames.of(Events.request(0, "GET", target))).isEqualTo(route);
    }

    @Test
    void theLabelOfTheRouteIsItsName() {
        assertThat(RouteNames.of(labelled(Map.of("route", "read book", "team", "x"))))
                .isEqualTo("read book");
        assertThat(RouteNames.of(labelled(Map.of("team", "x")))).isEqualTo("team=x");
    }

    private static RequestInit labelled(Map<String, String> labels) {
        return new RequestInit(Events.id(0), Events.peers(labels), "GET", "http", "a", "/b", Fields.empty());
    }

    private void call(String target, long millis, int status, End end) {
        figures.accept(Events.request(stream, "GET", target));
        figures.accept(Events.response(stream, millis, status));
        figures.accept(Events.end(stream++, millis + 1, 1, end));
    }
}
