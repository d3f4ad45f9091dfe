package io.headgate.accesslog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.headgate.http.ExchangeRecord;
import io.headgate.http.Fields;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import java.io.IOException;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** The queue, the writer and the end of an access log; formats are tested elsewhere. */
class AccessLogTest {

    private static final AccessFormat TARGET =
            (exchange, line) -> line.append(exchange.exchange().head().target());

    private static AccessLogSpec to(AccessSink sink) {
        return AccessLogSpec.DEFAULTS.withFormat(TARGET).withSink(sink);
    }

    private static void await(BooleanSupplier condition) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .pollInterval(Duration.ofMillis(2))
                .until(condition::getAsBoolean);
    }

    private static ExchangeRecord failed(String target) {
        return Records.of(
                Records.exchange(Records.GET.withTarget(target), Records.H1),
                new ReplyHead(502, Fields.empty()),
                0,
                Outcome.FAILED,
                new IllegalStateException("on purpose"));
    }

    /** Takes lines when it is let. */
    private static final class Gate implements AccessSink {

        final List<String> lines = new CopyOnWriteArrayList<>();
        final CountDownLatch entered = new CountDownLatch(1);
        final CountDownLatch open = new CountDownLatch(1);

        @Override
        public void write(CharSequence line) throws IOException {
            entered.countDown();
            try {
                open.await();
            } catch (InterruptedException e) {
                throw new IOException("interrupted", e);
            }
            lines.add(line.toString());
        }
    }

    // ---- lines

    @Test
    void everyExchangeHasALineInOrder() {
        StringWriter out = new StringWriter();
        StringBuilder expected = new StringBuilder();
        try (AccessLog log = AccessLog.start(to(AccessSink.to(out)))) {
            for (int i = 0; i < 1000; i++) {
                log.accept(Records.get("/" + i));
                expected.append('/').append(i).append('\n');
            }
        }
        assertThat(out).hasToString(expected.toString());
    }

    @Test
    void linesComeSoonWithoutAClose() {
        List<String> lines = new CopyOnWriteArrayList<>();
        try (AccessLog log = AccessLog.start(to(line -> lines.add(line.toString())))) {
            for (int i = 0; i < 3; i++) { // each of them after the writer had gone to sleep
                int before = i;
                log.accept(Records.get("/" + i));
                await(() -> lines.size() == before + 1 && log.stats().waiting() == 0);
            }
            assertThat(log.stats()).isEqualTo(new AccessLogStats(3, 0, 0, 0));
        }
    }

    @Test
    void filterDecides() {
        StringWriter out = new StringWriter();
        try (AccessLog log = AccessLog.start(
                to(AccessSink.to(out)).withFilter(AccessLog.failures().or(AccessLog.share(0))))) {
            log.accept(Records.get("/good"));
            log.accept(failed("/bad"));
        }
        assertThat(out).hasToString("/bad\n");
        assertThat(AccessLog.share(1).test(Records.get("/"))).isTrue();
        assertThatThrownBy(() -> AccessLog.share(1.5)).hasMessage("share: 1.5 (expected: 0 to 1)");
    }

    @Test
    void aFormatCannotBreakALine() {
        StringWriter out = new StringWriter();
        AccessFormat naive = (exchange, line) ->
                line.append("a\r\nb\tc\u001b[2J\u0085\u2028").append(exchange.outcome());
        try (AccessLog log = AccessLog.start(to(AccessSink.to(out)).withFormat(naive))) {
            log.accept(Records.get("/"));
        }
        assertThat(out).hasToString("a??b\tc?[2J??COMPLETE\n");
    }

    @Test
    void theDefaultIsJsonToALoggerOfItsOwnWhichSwitchesItOff() {
        Logger logger = (Logger) LoggerFactory.getLogger(AccessSink.LOGGER);
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        logger.addAppender(appender);
        logger.setAdditive(false);
        Level before = logger.getLevel();
        logger.setLevel(Level.INFO);
        try (AccessLog log = AccessLog.start()) {
            log.accept(Records.get("/{}"));
            await(() -> log.stats().written() == 1);
            logger.setLevel(Level.WARN);
            assertThat(log.observe(Records.exchange(Records.GET, Records.H1))).isNull();
            log.accept(Records.get("/off"));
        } finally {
            logger.setLevel(before);
            logger.detachAppender(appender);
            logger.setAdditive(true);
        }
        assertThat(appender.list).hasSize(1);
        assertThat(appender.list.get(0).getFormattedMessage())
                .startsWith("{\"time\":")
                .contains("\"path\":\"/{}\"");
    }

    // ---- too much

    @Test
    void whatFindsNoRoomIsDroppedCountedAndTold() throws Exception {
        Gate gate = new Gate();
        try (AccessLog log = AccessLog.start(to(gate).withCapacity(3))) { // which makes room for 4
            log.accept(Records.get("/first"));
            gate.entered.await();
            for (int i = 0; i < 10; i++) {
                log.accept(Records.get("/" + i));
            }
            assertThat(log.dropped()).isEqualTo(6);
            assertThat(log.stats()).isEqualTo(new AccessLogStats(0, 6, 0, 4));
            gate.open.countDown();
        }
        assertThat(gate.lines).containsExactly("/first", "/0", "/1", "/2", "/3", "# 6 lines dropped");
    }

    @Test
    void whatEndsAfterTheCloseIsDroppedAndCounted() {
        StringWriter out = new StringWriter();
        AccessLog log = AccessLog.start(to(AccessSink.to(out)));
        log.accept(Records.get("/early"));
        log.close();
        log.accept(Records.get("/late"));
        log.close();
        log.closeAsync().block(Duration.ofSeconds(5));
        assertThat(out).hasToString("/early\n");
        assertThat(log.stats()).isEqualTo(new AccessLogStats(1, 1, 0, 0));
    }

    // ---- sinks that fail

    @Test
    void aSinkThatThrowsIsLoggedOnceAndLosesNothingElse() {
        Logger logger = (Logger) LoggerFactory.getLogger(AccessLog.class);
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        logger.addAppender(appender);
        logger.setAdditive(false);
        List<String> lines = new CopyOnWriteArrayList<>();
        AtomicInteger number = new AtomicInteger();
        try (AccessLog log = AccessLog.start(to(line -> {
            switch (number.getAndIncrement()) {
                case 0 -> throw new IOException("on purpose");
                case 1 -> throw new AssertionError("on purpose");
                default -> lines.add(line.toString());
            }
        }))) {
            for (int i = 0; i < 4; i++) {
                log.accept(Records.get("/" + i));
            }
            await(() -> lines.size() == 2);
            assertThat(log.stats()).isEqualTo(new AccessLogStats(2, 0, 2, 0));
        } finally {
            logger.detachAppender(appender);
            logger.setAdditive(true);
        }
        assertThat(lines).containsExactly("/2", "/3");
        assertThat(appender.list).hasSize(1);
    }

    @Test
    void aFormatThatThrowsLosesItsLineAlone() {
        StringWriter out = new StringWriter();
        AccessFormat broken = (exchange, line) -> {
            TARGET.format(exchange, line);
            if (line.indexOf("bad") >= 0) {
                throw new IllegalStateException("on purpose, to be logged");
            }
        };
        try (AccessLog log = AccessLog.start(to(AccessSink.to(out)).withFormat(broken))) {
            log.accept(Records.get("/bad"));
            log.accept(Records.get("/good"));
        }
        assertThat(out).hasToString("/good\n");
    }

    // ---- the end

    @Test
    void closingGivesABlockedSinkNoMoreThanTheGrace() throws Exception {
        Gate gate = new Gate();
        AccessLog log = AccessLog.start(to(gate).withGrace(Duration.ofMillis(50)));
        log.accept(Records.get("/held"));
        gate.entered.await();
        for (int i = 0; i < 5; i++) {
            log.accept(Records.get("/" + i));
        }
        log.closeAsync().block(Duration.ofSeconds(10));
        assertThat(log.dropped()).isEqualTo(5);
        await(() -> log.stats().failed() == 1); // the line that was interrupted
        assertThat(gate.lines).isEmpty();
        assertThat(log.stats()).isEqualTo(new AccessLogStats(0, 5, 1, 0));
    }

    @Test
    void closingUnderLoadWritesExactlyWhatWasTaken() throws Exception {
        List<String> lines = new ArrayList<>(); // of one thread at a time, and read after the close
        AccessLog log = AccessLog.start(to(line -> lines.add(line.toString())).withCapacity(64));
        ExchangeRecord[] records = new ExchangeRecord[4];
        for (int i = 0; i < records.length; i++) {
            records[i] = Records.get("/" + i);
        }
        AtomicBoolean stop = new AtomicBoolean();
        AtomicInteger offered = new AtomicInteger();
        List<Thread> producers = new ArrayList<>();
        for (ExchangeRecord record : records) {
            Thread thread = new Thread(() -> {
                while (!stop.get()) {
                    log.accept(record);
                    offered.incrementAndGet();
                }
            });
            thread.start();
            producers.add(thread);
        }
        await(() -> log.stats().written() > 10_000);
        log.close();
        stop.set(true);
        for (Thread thread : producers) {
            thread.join();
        }
        long told = lines.stream().filter(line -> line.startsWith("#")).count();
        assertThat(lines.size() - told + log.dropped()).isEqualTo(offered.get());
        assertThat(log.stats().waiting()).isZero();
    }

    // ---- where it works

    @Test
    void aGivenExecutorRunsNothingWhileThereIsNothingToDo() {
        AtomicInteger runs = new AtomicInteger();
        ExecutorService pool = Executors.newSingleThreadExecutor();
        Executor counting = task -> pool.execute(() -> {
            runs.incrementAndGet();
            task.run();
        });
        StringWriter out = new StringWriter();
        try (AccessLog log = AccessLog.start(to(AccessSink.to(out)).withExecutor(counting))) {
            assertThat(runs).hasValue(0);
            log.accept(Records.get("/1"));
            log.accept(Records.get("/2"));
            await(() -> log.stats().waiting() == 0);
        } finally {
            pool.shutdown();
        }
        assertThat(out).hasToString("/1\n/2\n");
        assertThat(runs.get()).isBetween(1, 3);
    }

    @Test
    void anExecutorThatRefusesCostsLinesAndNothingElse() {
        AtomicBoolean refuses = new AtomicBoolean(true);
        StringWriter out = new StringWriter();
        Executor moody = task -> {
            if (refuses.get()) {
                throw new RejectedExecutionException("on purpose, to be logged");
            }
            task.run();
        };
        try (AccessLog log = AccessLog.start(to(AccessSink.to(out)).withExecutor(moody))) {
            log.accept(Records.get("/1"));
            assertThat(log.stats().waiting()).isEqualTo(1);
            refuses.set(false);
            log.accept(Records.get("/2"));
        }
        assertThat(out).hasToString("/1\n/2\n");
    }

    @Test
    void settingsThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> AccessLogSpec.DEFAULTS.withCapacity(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("capacity: 0 (expected: 1..16777216)");
        assertThatThrownBy(() -> AccessLogSpec.DEFAULTS.withGrace(Duration.ofSeconds(-1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("grace: PT-1S (expected: zero or more)");
    }
}
