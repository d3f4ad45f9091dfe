package io.headgate.function.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.headgate.Deadline;
import io.headgate.function.invoke.Invocation;
import io.headgate.function.model.Annotations;
import io.headgate.function.model.CallAnnotations;
import io.headgate.function.model.CallRecord;
import io.headgate.function.model.CallStatus;
import io.headgate.function.model.CallType;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.function.model.Trigger;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

class AsyncCallsTest {

    private final AsyncRig rig = new AsyncRig();

    @AfterEach
    void nothingIsLeft() {
        rig.close();
    }

    @Test
    void acceptsACallWhenItIsRecorded() {
        AsyncCalls calls = rig.start();
        rig.store.hangs = "add"::equals;
        Invocation invocation = rig.invocation("fn", null, Fields.empty(), rig.body("in"));
        AtomicReference<Throwable> refusal = new AtomicReference<>();
        boolean[] accepted = {false};
        calls.accept(invocation).subscribe(none -> {}, refusal::set, () -> accepted[0] = true);
        assertThat(accepted[0]).isFalse();

        rig.pass(5);
        assertThat(accepted[0]).isFalse();
        assertRefused(refusal.get(), ErrorKind.BUSY, "not accepted");
        rig.store.hangs = operation -> false;
        String id = rig.call(calls);
        assertThat(rig.record(id).createdAt()).isEqualTo(rig.now());
        assertThat(rig.told).containsSequence("accepted " + id, "leased " + id);
    }

    @Test
    void refusesCallsWhileTheStoreIsDown() {
        AsyncCalls calls = rig.start();
        rig.store.fails = operation -> true;

        FunctionException refusal = refusal(calls, rig.body("in"));
        assertRefused(refusal, ErrorKind.BUSY, "not accepted");
        assertThat(refusal.status()).isEqualTo(503);
        assertThat(refusal.replyFields()).containsEntry("retry-after", "5");
        assertThat(rig.told).contains("storeFailed open", "refused fn BUSY");
        rig.pass(60);
        assertThat(rig.invoker.runs).isEmpty();
    }

    @Test
    void refusesACallThatTheStoreDoesNotTake() {
        AsyncCalls calls = rig.start();
        rig.store.fails = "add"::equals;

        assertRefused(refusal(calls, rig.body("in")), ErrorKind.BUSY, "not accepted, it may not have been recorded");
        assertThat(rig.told).contains("storeFailed add", "refused fn BUSY");
    }

    @Test
    void refusesCallsOfAFunctionThatHasTooManyAndTakesThoseOfOthers() {
        rig.function("other", Map.of());
        AsyncCalls calls =
                rig.start(AsyncSettings.builder().maxOpen(3).concurrency(2).build());
        for (int i = 0; i < 3; i++) {
            rig.call(calls);
        }
        refuses(calls);
        rig.pass(2);
        refuses(calls);
        rig.call(calls, "other", "in");
        assertThat(rig.store.asked)
                .as("asked of the store")
                .filteredOn("open"::equals)
                .hasSize(3);

        rig.invoker.run(1).start().answer("");
        rig.pass(2);
        rig.call(calls);
        refuses(calls);
    }

    private void refuses(AsyncCalls calls) {
        FunctionException refusal = refusal(calls, rig.body("in"));
        assertRefused(
                refusal,
                ErrorKind.TOO_MANY_CALLS,
                "call: not accepted, function fn has 3 asynchronous calls that have not ended (expected: fewer)");
        assertThat(refusal.replyFields()).containsEntry("retry-after", "5");
    }

    @Test
    void refusesPayloadsThatAreTooLarge() {
        AsyncCalls calls = rig.start(AsyncSettings.builder().maxPayloadBytes(4).build());

        for (Body payload :
                new Body[] {rig.body("12345"), Body.of(Flux.just("123", "45").map(this::buffer))}) {
            FunctionException refusal = refusal(calls, payload);
            assertRefused(refusal, ErrorKind.TOO_LARGE, "at most 4 bytes");
            assertThat(refusal.status()).isEqualTo(413);
        }
        assertThat(rig.store.asked).doesNotContain("add");
        assertThat(rig.call(calls, "fn", "1234")).isNotEmpty();
    }

    @Test
    void runsACallWithWhatWasRecordedAndRecordsWhatCameOfIt() {
        AsyncCalls calls = rig.start();
        Fields fields = Fields.of("Content-Type", "text/plain");
        Invocation invocation = rig.invocation("fn", null, fields, rig.body("hello"));
        calls.accept(invocation).block();

        ScriptedInvoker.Run run = rig.invoker.last();
        assertThat(run.payload).isEqualTo("hello");
        assertThat(run.invocation.id()).isEqualTo(invocation.id());
        assertThat(run.invocation.type()).isEqualTo(CallType.ASYNC);
        assertThat(run.invocation.app()).isEqualTo(AsyncRig.APP);
        assertThat(run.invocation.fields()).isEqualTo(fields);
        assertThat(run.invocation.deadline()).isNotEqualTo(Deadline.NONE);
        assertThat(run.invocation.watch().hearsAll()).isTrue();
        assertThat(rig.status(invocation.id())).isEqualTo(CallStatus.RUNNING);
        assertThat(calls.running()).isEqualTo(1);
        rig.pass(1);
        run.start().print("one\n").print("two\n").answer("bye");

        CallRecord record = rig.record(invocation.id());
        assertThat(record.status()).isEqualTo(CallStatus.SUCCESS);
        assertThat(record.attempts()).isEqualTo(1);
        assertThat(record.completedAt()).isEqualTo(rig.now());
        assertThat(rig.result(invocation.id())).isEqualTo("bye");
        assertThat(rig.log(invocation.id())).isEqualTo("one\ntwo\n");
        assertThat(calls.running()).isZero();
    }

    @Test
    void looksTheFunctionUpWhenTheCallRuns() {
        AsyncCalls calls = rig.start(AsyncSettings.builder().concurrency(1).build());
        rig.call(calls);
        rig.call(calls);
        Object changed = rig.function("fn", Map.of("some", "\"thing\""));
        rig.invoker.run(1).start().answer("");

        assertThat(rig.invoker.run(2).invocation.fn()).isSameAs(changed);
    }

    @Test
    void aResultIsWhatACallerWhoWaitedWouldHaveSeen() {
        AsyncCalls calls = rig.start();
        Trigger trigger = Trigger.of("app1", "fn", "t", "/t");
        Invocation invocation = rig.invocation("fn", trigger, Fields.empty(), Body.empty());
        calls.accept(invocation).block();
        String direct = rig.call(calls);
        Fields fields = Fields.of("Fn-Http-Status", "202", "Fn-Http-H-X-A", "b");
        rig.invoker.run(1).start().answer(fields, new byte[0]);
        rig.invoker.run(2).start().answer(fields, new byte[0]);

        CallResult result = rig.memory.result("fn", invocation.id()).block();
        assertThat(result.status()).isEqualTo(202);
        assertThat(result.fields()).isEqualTo(Fields.of("Fn-Call-Id", invocation.id(), "X-A", "b"));
        assertThat(rig.memory.result("fn", direct).block().status()).isEqualTo(200);
        assertThat(rig.memory.result("fn", direct).block().fields().get("fn-http-h-x-a"))
                .isEqualTo("b");
    }

    @Test
    void priorityIsSaidByFunctionAndTrigger() {
        AsyncCalls calls = rig.start(AsyncSettings.builder().concurrency(1).build());
        rig.function("urgent", Map.of(CallAnnotations.ASYNC_PRIORITY, "2"));
        rig.function("odd", Map.of(CallAnnotations.ASYNC_PRIORITY, "3"));
        Trigger normal = new Trigger(
                "t1",
                "app1",
                "urgent",
                "t",
                Trigger.HTTP,
                "/t",
                new Annotations(Map.of(CallAnnotations.ASYNC_PRIORITY, "1")),
                AsyncRig.T0,
                AsyncRig.T0);
        rig.call(calls, "fn", "runs");
        rig.call(calls, "fn", "4");
        rig.call(calls, "odd", "5");
        calls.accept(rig.invocation("urgent", normal, Fields.empty(), rig.body("3")))
                .block();
        rig.call(calls, "urgent", "2");
        for (int i = 1; i <= 5; i++) {
            rig.invoker.run(i).start().answer("");
        }

        assertThat(rig.invoker.runs).extracting(run -> run.payload).containsExactly("runs", "2", "3", "4", "5");
    }

    @Test
    void aFailedCallIsTriedAgainWithGrowingPauses() {
        AsyncCalls calls = rig.start();
        String id = rig.call(calls);
        rig.invoker.run(1).start().print("first").fail(ErrorKind.FUNCTION_FAILED);
        CallRecord record = rig.record(id);
        assertThat(record.status()).isEqualTo(CallStatus.QUEUED);
        assertThat(record.error()).isEqualTo("kind: FUNCTION_FAILED");
        assertThat(record.dueAt()).isEqualTo(rig.now().plusMillis(500));
        assertThat(rig.log(id)).isEqualTo("first");

        rig.pass(Duration.ofMillis(499));
        assertThat(rig.invoker.runs).hasSize(1);
        rig.pass(Duration.ofMillis(1));
        rig.invoker.run(2).start().fail(ErrorKind.TIMED_OUT);
        assertThat(rig.record(id).dueAt()).isEqualTo(rig.now().plusMillis(1000));
        rig.pass(1);
        rig.invoker.run(3).start().print("third").answer("at last");
        assertThat(rig.record(id).attempts()).isEqualTo(3);
        assertThat(rig.record(id).error()).isNull();
        assertThat(rig.status(id)).isEqualTo(CallStatus.SUCCESS);
        assertThat(rig.log(id)).isEqualTo("third");
    }

    @Test
    void aCallThatFailsTooOftenIsADeadLetterThatCanBeRevived() {
        AsyncCalls calls = rig.start(AsyncSettings.builder().maxAttempts(3).build());
        String id = rig.call(calls);
        for (int i = 1; i <= 3; i++) {
            rig.invoker.run(i).start().fail(ErrorKind.TIMED_OUT);
            rig.pass(10);
        }
        rig.pass(3600);
        assertThat(rig.invoker.runs).hasSize(3);
        assertThat(rig.status(id)).isEqualTo(CallStatus.TIMEOUT);

        assertThat(rig.memory.revive("fn", id, rig.now()).block()).isTrue();
        calls.wake();
        rig.invoker.run(4).start().answer("ok");
        assertThat(rig.status(id)).isEqualTo(CallStatus.SUCCESS);
    }

    @Test
    void aFunctionSaysHowOftenItsCallsAreRetried() {
        AsyncCalls calls = rig.start();
        rig.function("once", Map.of(AsyncRetries.ANNOTATION, "0"));
        rig.function("often", Map.of(AsyncRetries.ANNOTATION, "7"));
        rig.function("odd", Map.of(AsyncRetries.ANNOTATION, "\"x\""));
        for (String[] expected : new String[][] {{"once", "1"}, {"often", "8"}, {"odd", "5"}}) {
            rig.invoker.runs.clear();
            String id = rig.call(calls, expected[0], "in");
            for (int i = 1; i <= rig.invoker.runs.size(); i++) {
                rig.invoker.run(i).start().fail(ErrorKind.FUNCTION_FAILED);
                rig.passUntilRun(i + 1);
            }
            assertThat(rig.record(expected[0], id).status()).isEqualTo(CallStatus.ERROR);
            assertThat(rig.invoker.runs).hasSize(Integer.parseInt(expected[1]));
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"IMPOSSIBLE", "INVALID", "TOO_LARGE", "NOT_FOUND", "UNSUPPORTED"})
    void whatWillNotChangeIsNotTriedAgain(ErrorKind kind) {
        AsyncCalls calls = rig.start();
        String id = rig.call(calls);
        rig.invoker.run(1).fail(kind);
        rig.pass(3600);

        assertThat(rig.status(id)).isEqualTo(CallStatus.ERROR);
        assertThat(rig.invoker.runs).hasSize(1);
    }

    @Test
    void aCallOfADeletedFunctionIsADeadLetter() {
        AsyncCalls calls = rig.start(AsyncSettings.builder().concurrency(1).build());
        rig.call(calls);
        String id = rig.call(calls);
        rig.functions.remove("fn");
        rig.invoker.run(1).start().answer("");

        assertThat(rig.status(id)).isEqualTo(CallStatus.ERROR);
        assertThat(rig.record(id).error()).contains("fn");
        assertThat(rig.invoker.runs).hasSize(1);
    }

    @Test
    void aCallWaitsWhileItsFunctionCannotBeLookedUp() {
        AsyncCalls calls = rig.start();
        rig.isCatalogDown = true;
        String id = rig.call(calls);
        rig.pass(600);
        assertThat(rig.status(id)).isEqualTo(CallStatus.QUEUED);
        assertThat(rig.record(id).attempts()).isZero();

        rig.isCatalogDown = false;
        rig.pass(11);
        rig.invoker.last().start().answer("");
        assertThat(rig.status(id)).isEqualTo(CallStatus.SUCCESS);
    }

    @Test
    void aCallThatWasRefusedForLackOfRoomWasNotTried() {
        AsyncCalls calls = rig.start(AsyncSettings.builder().maxAttempts(1).build());
        String id = rig.call(calls);
        for (int i = 1; i <= 20; i++) {
            rig.invoker.run(i).fail(i % 2 == 0 ? ErrorKind.BUSY : ErrorKind.TOO_MANY_CALLS);
            assertThat(rig.record(id).attempts()).isZero();
            rig.passUntilRun(i + 1);
        }

        assertThat(rig.record(id).error()).contains("BUSY");
        rig.invoker.last().start().answer("");
        assertThat(rig.status(id)).isEqualTo(CallStatus.SUCCESS);
    }

    @Test
    void aFunctionWithoutRoomDoesNotTakeThePlaceOfOthers() {
        AsyncCalls calls = rig.start(AsyncSettings.builder().concurrency(1).build());
        rig.function("other", Map.of());
        rig.call(calls, "fn", "full");
        rig.call(calls, "fn", "full too");
        rig.call(calls, "other", "in");
        rig.invoker.run(1).fail(ErrorKind.BUSY);

        assertThat(rig.invoker.runs).as("the second of fn is older").hasSize(2);
        assertThat(rig.invoker.run(2).invocation.fn().id()).isEqualTo("other");
        rig.invoker.run(2).start().answer("");
        rig.pass(Duration.ofMillis(100));
        assertThat(rig.invoker.runs).hasSize(2);
        rig.pass(Duration.ofMillis(51));
        assertThat(rig.invoker.run(3).invocation.fn().id()).isEqualTo("fn");
    }

    @Test
    void aCallIsNotTriedWhenItHasExpired() {
        AsyncCalls calls = rig.start(AsyncSettings.builder()
                .concurrency(1)
                .maxAge(Duration.ofSeconds(20))
                .build());
        rig.call(calls);
        rig.invoker.run(1).start();
        String id = rig.call(calls);
        rig.pass(20);
        rig.invoker.run(1).answer("late, but it had begun");

        assertThat(rig.status(id)).isEqualTo(CallStatus.ERROR);
        assertThat(rig.record(id).error()).startsWith("expired: 2026-11-21T18:00:20Z");
        assertThat(rig.invoker.runs).hasSize(1);
    }

    @Test
    void aRetryThatWouldComeTooLateIsNone() {
        AsyncCalls calls =
                rig.start(AsyncSettings.builder().maxAge(Duration.ofSeconds(1)).build());
        String id = rig.call(calls);
        rig.pass(Duration.ofMillis(500));
        rig.invoker.run(1).start().fail(ErrorKind.FUNCTION_FAILED);

        assertThat(rig.status(id)).isEqualTo(CallStatus.ERROR);
        assertThat(rig.record(id).error()).isEqualTo("kind: FUNCTION_FAILED");
    }

    @Test
    void logAndResultAreBounded() {
        AsyncCalls calls = rig.start(
                AsyncSettings.builder().maxLogBytes(4).maxResultBytes(4).build());
        String id = rig.call(calls);
        rig.invoker.run(1).start().print("123456").answer("1234");
        assertThat(rig.log(id)).startsWith("1234").contains("cut").doesNotContain("5");
        assertThat(rig.result(id)).isEqualTo("1234");

        String large = rig.call(calls);
        rig.invoker.run(2).start().answer("12345");
        assertThat(rig.status(large)).isEqualTo(CallStatus.ERROR);
        assertThat(rig.record(large).error()).contains("at most 4 bytes");
        assertThat(rig.result(large)).isEmpty();
    }

    @Test
    void whatIsNotForUsersIsNotRecorded() {
        AsyncCalls calls = rig.start(AsyncSettings.builder().maxAttempts(1).build());
        String id = rig.call(calls);
        rig.invoker.run(1).start().fail(new IllegalStateException("password: 1234"));

        assertThat(rig.record(id).error()).isEqualTo("internal error");
        assertThat(rig.status(id)).isEqualTo(CallStatus.ERROR);
    }

    @Test
    void aBodyThatBreaksIsAFailure() {
        AsyncCalls calls = rig.start();
        String id = rig.call(calls);
        rig.invoker
                .run(1)
                .start()
                .answer(Body.of(Flux.concat(
                        Flux.just("part").map(this::buffer),
                        Flux.error(new FunctionException(ErrorKind.FUNCTION_FAILED, "broke off")))));

        assertThat(rig.status(id)).isEqualTo(CallStatus.QUEUED);
        assertThat(rig.record(id).error()).isEqualTo("broke off");
    }

    @Test
    void whatAnObserverThrowsHasNoEffect() {
        AsyncCalls calls = AsyncCalls.builder(rig.store, rig.invoker, id -> Mono.empty())
                .timer(rig.time)
                .clock(rig.clock())
                .observer(new AsyncObserver() {
                    @Override
                    public void accepted(QueuedCall call) {
                        throw new IllegalStateException("no");
                    }
                })
                .start();

        assertThat(rig.call(calls)).isNotEmpty();
        calls.closeAsync().subscribe();
        rig.pass(120);
    }

    @Test
    void settingsNameTheValueThatIsWrong() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AsyncSettings.builder()
                        .storeTimeout(Duration.ofSeconds(6))
                        .build())
                .withMessage("storeTimeout: PT6S (expected: PT0.001S..PT5S)");
        assertThat(AsyncSettings.builder().concurrency(3).build().toBuilder()
                        .build()
                        .concurrency())
                .isEqualTo(3);
    }

    private ByteBuf buffer(String text) {
        return ByteBufUtil.writeUtf8(rig.allocator, text);
    }

    private FunctionException refusal(AsyncCalls calls, Body payload) {
        AtomicReference<Throwable> refusal = new AtomicReference<>();
        calls.accept(rig.invocation("fn", null, Fields.empty(), payload)).subscribe(none -> {}, refusal::set);
        assertThat(refusal.get()).isInstanceOf(FunctionException.class);
        return (FunctionException) refusal.get();
    }

    private static void assertRefused(Throwable refusal, ErrorKind kind, String message) {
        assertThat(refusal).isInstanceOf(FunctionException.class).hasMessageContaining(message);
        assertThat(((FunctionException) refusal).kind()).isEqualTo(kind);
    }
}
