package io.headgate.function.r2dbc;

import static io.headgate.function.r2dbc.Opened.LIMIT;
import static io.headgate.function.r2dbc.Opened.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.headgate.function.async.CallEnd;
import io.headgate.function.async.CallResult;
import io.headgate.function.async.CallStore;
import io.headgate.function.async.LeaseRequest;
import io.headgate.function.async.LeasedCall;
import io.headgate.function.async.QueuedCall;
import io.headgate.function.model.App;
import io.headgate.function.model.CallRecord;
import io.headgate.function.model.CallStatus;
import io.headgate.function.model.Fn;
import io.headgate.function.model.Trigger;
import io.headgate.function.model.TriggerPatch;
import io.headgate.http.Fields;
import io.r2dbc.spi.Connection;
import io.r2dbc.spi.R2dbcException;
import io.r2dbc.spi.R2dbcTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/** What a database does for its stores, whichever it is: with connections, with those who leave, and with others at the same calls. */
abstract class DatabaseContract {

    private static final Instant T0 = Instant.parse("2026-11-21T18:00:00Z");
    private static final Duration LEASE = Duration.ofSeconds(30);
    private static final int CONNECTIONS = 4;

    private Opened opened;
    private Database database;
    private CallStore calls;

    protected abstract Opened opened();

    /** Where the same database is opened by others. */
    protected abstract String url();

    @BeforeEach
    void emptyDatabase() {
        opened = opened().emptied();
        database = opened.database();
        calls = new R2dbcCallStore(database);
    }

    @AfterEach
    void checkConnections() {
        opened.assertNothingBorrowed();
    }

    @Test
    void bytesComeBackHoweverManyThereAre() {
        for (int size : new int[] {0, 1, 1 << 20, (1 << 20) + 1, 2_500_000}) {
            byte[] bytes = new byte[size];
            new Random(size).nextBytes(bytes);
            String id = "c" + size;
            get(calls.add(call(id, bytes)));
            LeasedCall leased = get(calls.lease(request(1))).get(0);
            assertThat(leased.call().payload()).isEqualTo(bytes);
            CallResult result = new CallResult(200, Fields.of("x-a", "\u00e9"), bytes);
            get(calls.end(leased, new CallEnd(CallStatus.SUCCESS, T0, T0, null, result, bytes)));
            assertThat(get(calls.result("fn", id)).body()).isEqualTo(bytes);
            assertThat(get(calls.result("fn", id)).fields().get("x-a")).isEqualTo("\u00e9");
            assertThat(get(calls.log("fn", id))).isEqualTo(bytes);
        }
    }

    @Test
    void errorsOfFunctionsAreKeptAlsoWithAZeroInThem() {
        get(calls.add(call("c1", new byte[0])));
        LeasedCall leased = get(calls.lease(request(1))).get(0);
        get(calls.end(leased, new CallEnd(CallStatus.ERROR, T0, T0, "bro\0ken", null, new byte[0])));

        assertThat(get(calls.call("fn", "c1")).error()).isEqualTo("bro\uFFFDken");
    }

    @Test
    void transactionThatFailsIsUndone() {
        assertThatIllegalStateException()
                .isThrownBy(() -> get(database.connections()
                        .transact(connection ->
                                insert(connection, "c1").then(Mono.error(new IllegalStateException("on purpose"))))))
                .withMessage("on purpose");

        assertThat(get(calls.backlog()).queued()).isZero();
    }

    @Test
    void failedStatementLeavesAConnectionThatWorks() {
        for (int i = 0; i < CONNECTIONS * 3; i++) {
            assertThatExceptionOfType(R2dbcException.class)
                    .isThrownBy(() -> get(database.connections()
                            .transact(connection -> Sql.update(connection, "SELECT nothing FROM nowhere"))));
        }
        get(database.ping());
        get(calls.add(call("c1", new byte[0])));
        assertThat(get(calls.backlog()).queued()).isEqualTo(1);
    }

    @Test
    void callsThatAreTakenForSomebodyWhoHasLeftAreAsTheyWere() {
        get(calls.add(call("c1", new byte[0])));
        CallRecord before = get(calls.call("fn", "c1"));
        Sinks.Empty<Void> gate = Sinks.empty();
        CountDownLatch taken = new CountDownLatch(1);
        Disposable taker = database.connections()
                .take(connection -> Taking.take(database.dialect(), connection, request(1), "lease/")
                        .doOnNext(leased -> taken.countDown())
                        .delayUntil(leased -> gate.asMono()))
                .subscribe();
        await(taken);
        assertThat(get(calls.lease(request(1)))).as("others pass over it").isEmpty();
        taker.dispose();
        gate.tryEmitEmpty();

        opened.assertNothingBorrowed();
        assertThat(get(calls.call("fn", "c1"))).isEqualTo(before);
        assertThat(get(calls.lease(request(1))))
                .singleElement()
                .extracting(LeasedCall::attempt)
                .isEqualTo(1);
    }

    @Test
    void writeThatHasBegunIsDoneAlthoughItsSubscriberHasLeft() {
        Sinks.Empty<Void> gate = Sinks.empty();
        CountDownLatch begun = new CountDownLatch(1);
        Disposable writer = database.connections()
                .transact(connection -> insert(connection, "c1")
                        .doOnNext(count -> begun.countDown())
                        .delayUntil(count -> gate.asMono()))
                .subscribe();
        await(begun);
        writer.dispose();
        gate.tryEmitEmpty();

        opened.assertNothingBorrowed();
        assertThat(get(calls.call("fn", "c1")).status()).isEqualTo(CallStatus.QUEUED);
    }

    @Test
    void whoLeavesBeforeThereIsAConnectionHasDoneNothing() {
        Sinks.Empty<Void> gate = Sinks.empty();
        CountDownLatch busy = new CountDownLatch(CONNECTIONS);
        for (int i = 0; i < CONNECTIONS; i++) {
            database.connections()
                    .run(connection -> Sql.update(connection, "SELECT 1")
                            .doOnNext(count -> busy.countDown())
                            .delayUntil(count -> gate.asMono()))
                    .subscribe();
        }
        await(busy);
        AtomicInteger done = new AtomicInteger();
        Disposable waiting = database.connections()
                .run(connection -> Mono.fromSupplier(done::incrementAndGet))
                .subscribe();
        waiting.dispose();
        gate.tryEmitEmpty();

        opened.assertNothingBorrowed();
        assertThat(done).hasValue(0);
    }

    @Test
    void noCancelKeepsAConnection() {
        R2dbcFunctionStore functions = new R2dbcFunctionStore(database, Clock.systemUTC());
        Random random = new Random(1);
        for (int i = 0; i < 300; i++) {
            String name = "a" + i;
            Mono<?> operation = switch (i % 5) {
                case 0 -> functions.createApp(App.named(name));
                case 1 -> calls.add(call(name, new byte[100]));
                case 2 -> calls.lease(request(3));
                case 3 -> calls.backlog();
                default -> functions.appId(name).onErrorComplete();
            };
            AtomicBoolean unexpected = new AtomicBoolean();
            Disposable subscription = operation.subscribe(it -> {}, error -> unexpected.set(true));
            spin(random.nextInt(200_000));
            subscription.dispose();
            assertThat(unexpected).isFalse();
        }
        opened.assertNothingBorrowed();
        get(database.ping());
    }

    @Test
    void severalProcessesLoseNothingAndTakeNothingTwice() {
        int count = 120;
        List<Database> processes = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            processes.add(get(Database.open(DatabaseSettings.of(url()).withMaxConnections(2))));
        }
        Flux.range(100, count)
                .flatMap(i -> calls.add(call("c" + i, new byte[] {1})), 8)
                .blockLast(LIMIT);
        Map<String, String> holders = new ConcurrentHashMap<>();
        Map<String, Integer> ended = new ConcurrentHashMap<>();
        AtomicReference<String> twice = new AtomicReference<>();
        AtomicBoolean done = new AtomicBoolean();

        Flux.concat(Flux.just(database), Flux.fromIterable(processes))
                .flatMap(process -> Flux.range(0, 2)
                        .flatMap(worker -> Mono.defer(() -> round(process, holders, ended, twice))
                                .subscribeOn(Schedulers.boundedElastic())
                                .repeat(() -> ended.size() < count && !done.get())))
                .doOnError(error -> done.set(true))
                .blockLast(LIMIT);

        assertThat(twice.get()).as("taken by two at once").isNull();
        assertThat(ended)
                .hasSize(count)
                .allSatisfy((id, times) -> assertThat(times).isEqualTo(1));
        assertThat(get(calls.backlog())).isEqualTo(new CallStore.Backlog(0, 0, 0, null));
        processes.forEach(process -> get(process.close()));
    }

    /** Takes some calls; at times the transaction fails, at times its taker leaves, else the calls are given back or ended. */
    private Mono<Void> round(
            Database process, Map<String, String> holders, Map<String, Integer> ended, AtomicReference<String> twice) {
        CallStore store = new R2dbcCallStore(process);
        int what = ThreadLocalRandom.current().nextInt(6);
        if (what == 0) {
            return process.connections()
                    .take(connection -> Taking.take(process.dialect(), connection, request(5), "undone/")
                            .then(Mono.<Void>error(new IllegalStateException("undone"))))
                    .onErrorComplete(error -> "undone".equals(error.getMessage()));
        }
        if (what == 1) {
            Sinks.Empty<Void> leaves = Sinks.empty(); // before the commit, however slow the machine is
            return process.connections()
                    .take(connection -> Taking.take(process.dialect(), connection, request(5), "left/")
                            .doOnNext(taken -> leaves.tryEmitEmpty()))
                    .takeUntilOther(leaves.asMono())
                    .then();
        }
        return store.lease(request(5))
                .flatMapIterable(leased -> leased)
                .flatMap(leased -> {
                    String id = leased.call().id();
                    if (holders.putIfAbsent(id, leased.lease()) != null) {
                        twice.set(id);
                    }
                    return Mono.delay(Duration.ofMillis(1))
                            .doOnNext(tick -> holders.remove(id))
                            .then(what == 2 ? store.giveBack(leased, T0, "later") : end(store, leased, ended));
                })
                .then();
    }

    private static Mono<Boolean> end(CallStore store, LeasedCall leased, Map<String, Integer> ended) {
        return store.end(leased, new CallEnd(CallStatus.SUCCESS, T0, T0, null, null, new byte[0]))
                .doOnNext(held -> {
                    if (held) {
                        ended.merge(leased.call().id(), 1, Integer::sum);
                    }
                });
    }

    @Test
    void callThatIsRevivedWhileOldOnesAreForgottenStays() {
        get(calls.add(call("c1", new byte[0])));
        LeasedCall leased = get(calls.lease(request(1))).get(0);
        get(calls.end(leased, new CallEnd(CallStatus.ERROR, T0, T0, "broke", null, new byte[0])));
        Sinks.Empty<Void> gate = Sinks.empty();
        CountDownLatch revived = new CountDownLatch(1);
        CallSql sql = new CallSql(database.dialect());
        database.connections()
                .transact(connection -> sql.maxAgeOfDead(connection, "fn", "c1")
                        .flatMap(maxAge -> sql.revive(connection, "c1", T0, maxAge))
                        .doOnNext(count -> revived.countDown())
                        .delayUntil(count -> gate.asMono()))
                .subscribe();
        await(revived);
        CompletableFuture<Long> forgotten = calls.forget(T0.plusSeconds(1), 10).toFuture();
        Opened.patiently().until(() -> waitingForLocks() == 1);
        gate.tryEmitEmpty();

        assertThat(forgotten).succeedsWithin(LIMIT).isEqualTo(0L);
        assertThat(get(calls.call("fn", "c1")).status()).isEqualTo(CallStatus.QUEUED);
    }

    @Test
    void closeWaitsForWhatIsUnderWayAndRefusesTheRest() {
        Database another = get(Database.open(DatabaseSettings.of(url()).withMaxConnections(2)));
        Sinks.Empty<Void> gate = Sinks.empty();
        CountDownLatch begun = new CountDownLatch(1);
        AtomicBoolean written = new AtomicBoolean();
        another.connections()
                .transact(connection -> insert(connection, "c1")
                        .doOnNext(count -> begun.countDown())
                        .delayUntil(count -> gate.asMono()))
                .subscribe(count -> written.set(true));
        await(begun);
        AtomicBoolean closed = new AtomicBoolean();
        another.close().subscribe(it -> {}, error -> {}, () -> closed.set(written.get()));
        assertThatIllegalStateException()
                .isThrownBy(() -> get(another.ping()))
                .withMessage("database: closed (expected: open)");
        gate.tryEmitEmpty();

        Opened.patiently().untilTrue(closed);
        get(another.close());
        assertThat(get(calls.call("fn", "c1")).status()).isEqualTo(CallStatus.QUEUED);
    }

    @Test
    void whoWaitsTooLongForAConnectionIsTold() {
        Database narrow = get(Database.open(
                DatabaseSettings.of(url()).withMaxConnections(1).withAcquireTimeout(Duration.ofMillis(500))));
        Sinks.Empty<Void> gate = Sinks.empty();
        CountDownLatch busy = new CountDownLatch(1);
        narrow.connections()
                .run(connection -> Sql.update(connection, "SELECT 1")
                        .doOnNext(count -> busy.countDown())
                        .delayUntil(count -> gate.asMono()))
                .subscribe();
        await(busy);
        assertThatExceptionOfType(DatabaseUnavailableException.class)
                .isThrownBy(() -> get(narrow.ping()))
                .withMessage("database: no connection was free (expected: one of 1 within PT0.5S)")
                .satisfies(refused -> assertThat(refused.status()).isEqualTo(503))
                .withCauseInstanceOf(R2dbcTimeoutException.class);
        gate.tryEmitEmpty();
        get(narrow.ping());
        get(narrow.close());
    }

    @Test
    void noMoreWaitForAConnectionThanMay() {
        Database narrow = get(
                Database.open(DatabaseSettings.of(url()).withMaxConnections(1).withAcquireTimeout(LIMIT)));
        Sinks.Empty<Void> gate = Sinks.empty();
        AtomicInteger done = new AtomicInteger();
        Mono<Long> waits = narrow.connections().run(connection -> gate.asMono().thenReturn(1L));
        for (int i = 0; i <= DatabaseSettings.MAX_WAITING; i++) {
            waits.subscribe(one -> done.incrementAndGet());
        }
        assertThatExceptionOfType(DatabaseUnavailableException.class)
                .isThrownBy(() -> get(narrow.ping()))
                .withMessage("database: too many operations wait for a connection (expected: at most 1000)");
        gate.tryEmitEmpty();

        Opened.patiently().until(() -> done.get() == DatabaseSettings.MAX_WAITING + 1);
        get(narrow.ping());
        get(narrow.close());
    }

    @Test
    void changeOfATriggerThatWaitsForItsFunctionHoldsNothingThatADeleteOfTheFunctionNeeds() {
        R2dbcFunctionStore functions = new R2dbcFunctionStore(database, Clock.systemUTC());
        App app = get(functions.createApp(App.named("a")));
        Fn fn = get(functions.createFn(Fn.of(app.id(), "f", "image")));
        Trigger trigger = get(functions.createTrigger(Trigger.of(app.id(), fn.id(), "t", "/t")));
        FunctionSql sql = new FunctionSql(database.dialect());
        Sinks.Empty<Void> gate = Sinks.empty();
        CountDownLatch locked = new CountDownLatch(1);
        CompletableFuture<Long> deleted = database.connections()
                .transact(connection -> sql.lockedFn(connection, fn.id())
                        .doOnNext(mine -> locked.countDown())
                        .delayUntil(mine -> gate.asMono())
                        .then(Mono.defer(() -> Sql.list(
                                connection,
                                "SELECT id FROM fn_triggers FOR UPDATE NOWAIT",
                                row -> Sql.text(row, "id"))))
                        .then(Mono.defer(() -> sql.delete(connection, "fn_functions", fn.id()))))
                .toFuture();
        await(locked);
        CompletableFuture<Trigger> changed = functions
                .updateTrigger(trigger.id(), new TriggerPatch(null, null, null, null, "/other", null))
                .toFuture();
        Opened.patiently().until(() -> waitingForLocks() == 1);
        gate.tryEmitEmpty();

        assertThat(deleted).succeedsWithin(LIMIT).isEqualTo(1L);
        assertThat(changed).failsWithin(LIMIT).withThrowableThat().withMessageContaining("trigger_id: ");
    }

    private long waitingForLocks() {
        String sessions = database.dialect() == Dialect.H2
                ? "INFORMATION_SCHEMA.SESSIONS WHERE BLOCKER_ID IS NOT NULL"
                : "pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
        return get(database.connections()
                .run(connection -> Sql.one(
                        connection, "SELECT COUNT(*) AS waiting FROM " + sessions, row -> Sql.count(row, "waiting"))));
    }

    private Mono<Long> insert(Connection connection, String id) {
        return new CallSql(database.dialect()).insert(connection, call(id, new byte[0]));
    }

    static QueuedCall call(String id, byte[] payload) {
        return new QueuedCall(id, "app", "fn", null, 0, Fields.empty(), payload, T0, T0, T0.plusSeconds(3600));
    }

    static LeaseRequest request(int max) {
        return new LeaseRequest("worker", max, T0, LEASE, Set.of());
    }

    private static void await(CountDownLatch latch) {
        Opened.patiently().until(() -> latch.getCount() == 0);
    }

    private static void spin(long nanos) {
        long end = System.nanoTime() + nanos;
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }
}
