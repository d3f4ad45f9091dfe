package io.headgate.sync.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.server.Visitor.Hello;
import io.headgate.test.LeakTrackingAllocator;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that do not read, or hardly, behind socket buffers that are soon full. */
class SlowClientsTest {

    private static final int RECEIVE_BUFFER = 64 * 1024;
    private static final Duration SHORT = Duration.ofMillis(250);
    private static final Duration LONG = Duration.ofSeconds(60);

    private final LeakTrackingAllocator memory = LeakTrackingAllocator.create();
    private final Random random = new Random(1);
    private final HandClock clock = new HandClock();
    private Served served;

    @AfterEach
    void everyGaugeReturnsToZeroAndNothingLeaks() {
        served.close();
        Awaitility.await().atMost(Served.PATIENCE).untilAsserted(memory::assertNoLeaks);
    }

    private void serve(UnaryOperator<SyncServerSettings.Builder> settings) {
        served = Served.with(builder -> settings.apply(patient(builder)), memory);
    }

    /** For clients that are not to be cut, however long they are kept from reading. */
    private void serveByClock(UnaryOperator<SyncServerSettings.Builder> settings) {
        served = Served.by(
                clock,
                spec -> spec.withSettings(
                        settings.apply(patient(SyncServerSettings.builder())).build()),
                memory);
    }

    private static SyncServerSettings.Builder patient(SyncServerSettings.Builder builder) {
        return builder.pongTimeout(LONG).writeTimeout(LONG).maxFallBehind(LONG).grace(Duration.ZERO);
    }

    private static Hello hello(boolean snappy) {
        return snappy ? Hello.SNAPPY : Hello.PLAIN;
    }

    /** Ten megabytes that do not get smaller: more than the buffers of a connection hold. */
    private void tell(String prefix) {
        for (int from = 0; from < 10_000; from += 100) {
            List<SyncUpdate> some = new ArrayList<>();
            for (int i = from; i < from + 100; i++) {
                byte[] value = new byte[1000];
                random.nextBytes(value);
                ByteString bytes = UnsafeByteOperations.unsafeWrap(value);
                some.add(SyncUpdate.added(prefix + i, bytes, "1"));
            }
            served.feed().tell(new SyncEvent.Updates(some));
        }
    }

    private Visitor blocked(Hello hello) {
        return served.keep(Visitor.connect(served.port(), RECEIVE_BUFFER)).hello(hello);
    }

    /** Time that has to pass for a client to be late. */
    private static void pass(Duration time) {
        Awaitility.await().pollDelay(time).until(() -> true);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClientThatTakesNothingOfItsSnapshotIsCut(boolean snappy) {
        serve(settings -> settings.writeTimeout(SHORT));
        tell("/a/");
        served.feed().inSync();
        served.awaitEntries(10_000);
        Visitor visitor = blocked(hello(snappy));
        visitor.until(seen -> !seen.entries().isEmpty()); // and then no more
        served.awaitEnded(SyncEnd.NO_PROGRESS, 1);
        assertThat(served.seen("snapshot")).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClientThatTakesNothingOfWhatChangesIsCutAndNobodyElseNotices(boolean snappy) {
        serveByClock(settings -> settings.writeTimeout(SHORT));
        served.feed().inSync();
        blocked(hello(snappy)).untilInSync();
        Visitor reading = served.visitor(Hello.PLAIN).untilInSync();
        tell("/a/");
        reading.until(seen -> seen.entries().size() == 10_000);
        Awaitility.await().atMost(Served.PATIENCE).until(() -> {
            clock.pass(SHORT);
            return served.seen("ended felix NO_PROGRESS") == 1;
        });
        served.feed().put("/end", "1");
        reading.until(seen -> seen.entries().containsKey("/end"));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClientThatTakesALittleNowAndThenIsNotCut(boolean snappy) throws IOException {
        serveByClock(settings -> settings.writeTimeout(SHORT));
        List.of("/a/", "/b/", "/c/")
                .forEach(this::tell); // each look may take all that the buffers hold, four megabytes
        served.feed().inSync();
        served.awaitEntries(30_000);
        Visitor visitor = blocked(hello(snappy)).until(seen -> !seen.entries().isEmpty());
        InputStream in = visitor.socket().getInputStream();
        for (int i = 0; i < 5; i++) {
            clock.pass(SHORT.dividedBy(2));
            takeUntilMoreIsWritten(in);
        }
        assertThat(served.stats().streaming()).isEqualTo(1);
        assertThat(served.stats().ends()).isEmpty();
    }

    /** The buffers of the system take a while to pass on that there is room. */
    private void takeUntilMoreIsWritten(InputStream in) throws IOException {
        long before = served.stats().bytesWritten();
        while (served.stats().bytesWritten() == before) {
            assertThat(in.readNBytes(RECEIVE_BUFFER)).hasSize(RECEIVE_BUFFER);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSnapshotThatTakesTooLongIsGivenUp(boolean snappy) {
        serve(settings -> settings.snapshotTimeout(SHORT));
        tell("/a/");
        served.feed().inSync();
        served.awaitEntries(10_000);
        blocked(hello(snappy)).until(seen -> !seen.entries().isEmpty());
        served.awaitEnded(SyncEnd.SLOW_SNAPSHOT, 1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClientThatFallsBehindDuringItsSnapshotHasItsGrace(boolean snappy) {
        serve(settings -> settings.maxFallBehind(SHORT).grace(LONG));
        tell("/a/");
        served.feed().inSync();
        served.awaitEntries(10_000);
        Visitor visitor = blocked(hello(snappy));
        visitor.until(seen -> !seen.entries().isEmpty());
        served.feed().put("/b", "1").put("/c", "1");
        served.awaitEntries(10_002);
        pass(SHORT.multipliedBy(2));
        served.feed().put("/d", "1");
        served.awaitEntries(10_003);
        visitor.until(seen -> seen.entries().size() == 10_003);
        assertThat(served.stats().graceUsed()).isEqualTo(1);
        assertThat(served.seen("grace")).isEqualTo(1);
        assertThat(served.stats().ends()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aClientThatFallsBehindAfterItsGraceIsCut(boolean snappy) {
        serve(settings -> settings.maxFallBehind(SHORT).resumeBytes(1024 * 1024));
        served.feed().inSync();
        Visitor visitor = blocked(hello(snappy).withRefusals()).untilInSync();
        tell("/a/");
        served.awaitEntries(10_000);
        pass(SHORT.multipliedBy(2));
        served.feed().put("/b", "1");
        served.awaitEnded(SyncEnd.FELL_BEHIND, 1);
        assertThat(served.stats().graceUsed()).isZero();
        assertThat(served.seen("ended felix FELL_BEHIND")).isEqualTo(1);
        visitor.untilClosed();
        assertThat(visitor.entries().size()).isLessThan(10_001);

        served.feed().put("/c", "1"); // what was kept for it alone goes with the next change
        Awaitility.await()
                .atMost(Served.PATIENCE)
                .until(() -> served.stats().topics().get("felix").bytesHeld() < 4 * 1024 * 1024);
    }

    @Test
    void aSetThatRestsForLongLeavesNobodyBehind() {
        serve(settings -> settings.maxFallBehind(Duration.ofMillis(20)));
        served.feed().put("/a", "1").inSync();
        Visitor visitor = served.visitor(Hello.PLAIN).untilInSync();
        pass(Duration.ofMillis(100)); // five times as long as a client may be behind
        served.feed().put("/b", "1");
        visitor.until(seen -> seen.entries().size() == 2);
        assertThat(served.stats().ends()).isEmpty();
    }

    @Test
    void whatSlowClientsHeldIsGivenBack() {
        serve(settings -> settings.writeTimeout(SHORT));
        tell("/a/");
        served.feed().inSync();
        served.awaitEntries(10_000);
        for (int i = 0; i < 5; i++) {
            blocked(i % 2 == 0 ? Hello.PLAIN : Hello.PLAIN.withPrefixes("/a/1"));
        }
        served.awaitEnded(SyncEnd.NO_PROGRESS, 3);
        assertThat(served.stats().topics().get("felix").streaming()).isLessThanOrEqualTo(2);
    }
}
