package io.headgate.function.r2dbc;

import static io.headgate.function.r2dbc.Opened.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.async.LeaseRequest;
import io.headgate.function.async.QueuedCall;
import io.headgate.function.model.App;
import io.headgate.http.Fields;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Set;
import java.util.TimeZone;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/** Gateways and servers of several time zones, in an hour that some of them have twice. */
@ResourceLock(Resources.TIME_ZONE)
class TimeZonesTest {

    /** Clocks in Berlin were put back an hour ago. */
    private static final Instant TWICE = Instant.parse("2026-10-25T01:30:00.123Z");

    private final TimeZone own = TimeZone.getDefault();

    @AfterEach
    void goHome() {
        TimeZone.setDefault(own);
    }

    @Test
    void h2KeepsPointsInTime() {
        pointsInTimeAreKept("h2:mem:zones-" + UUID.randomUUID());
    }

    @Test
    void postgresKeepsPointsInTime() throws Exception {
        Postgres postgres = Postgres.start();
        String url = postgres.database();
        String name = Postgres.nameOf(url);
        postgres.execute(name, "ALTER DATABASE " + name + " SET timezone = 'Asia/Kathmandu'");
        pointsInTimeAreKept(url);
    }

    private static void pointsInTimeAreKept(String url) {
        TimeZone.setDefault(TimeZone.getTimeZone("Europe/Berlin"));
        Database berlin = get(Database.open(url));
        App app = get(new R2dbcFunctionStore(berlin, Clock.fixed(TWICE, ZoneOffset.UTC)).createApp(App.named("one")));
        assertThat(app.createdAt()).isEqualTo(TWICE);
        get(new R2dbcCallStore(berlin).add(call("first", TWICE.minus(Duration.ofHours(1)))));
        get(new R2dbcCallStore(berlin).add(call("second", TWICE)));

        TimeZone.setDefault(TimeZone.getTimeZone("America/St_Johns"));
        Database there = get(Database.open(url));
        R2dbcCallStore calls = new R2dbcCallStore(there);
        assertThat(get(new R2dbcFunctionStore(there, Clock.systemUTC()).app(app.id())))
                .isEqualTo(app);
        assertThat(get(calls.call("fn", "second")).dueAt()).isEqualTo(TWICE);
        assertThat(get(calls.nextDue(Set.of()))).isEqualTo(TWICE.minus(Duration.ofHours(1)));
        assertThat(get(calls.lease(new LeaseRequest("w", 10, TWICE.minusMillis(1), Duration.ofSeconds(30), Set.of()))))
                .singleElement()
                .satisfies(leased -> {
                    assertThat(leased.call().id()).isEqualTo("first");
                    assertThat(leased.until()).isEqualTo(TWICE.minusMillis(1).plusSeconds(30));
                    assertThat(leased.call().expiresAt()).isEqualTo(TWICE.plus(Duration.ofHours(5)));
                });
        get(there.close());
        get(berlin.close());
    }

    private static QueuedCall call(String id, Instant at) {
        return new QueuedCall(
                id, "app", "fn", null, 0, Fields.empty(), new byte[0], at, at, at.plus(Duration.ofHours(6)));
    }
}
