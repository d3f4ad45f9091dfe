package io.headgate.rpc.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.Trait;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.retry.Backoff;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedBody;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.scheduler.VirtualTimeScheduler;

/** Who gives way to whom, step by step: callers, their ghosts, and the handler. */
class UploadTurnsTest {

    private static final String TAKEN_OVER =
            "files/put: upload mine: taken over by a later call (expected: one caller at a time)";
    private static final String CUT = "files/put: upload mine: cut (expected: the latest attempt of its caller)";
    private static final String CARRIED_OUT =
            "files/put: upload mine: another call has sent all of it and is carried out"
                    + " (expected: none until its end)";

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final ByteArrayOutputStream memory = new ByteArrayOutputStream();
    private final AtomicInteger handled = new AtomicInteger();
    private Mono<RpcReply> answer = Mono.fromSupplier(() -> RpcReply.of(Content.JSON, Body.utf8("1")));
    private Flux<ByteBuf> kept = Flux.defer(() -> Bytes.chunked(memory.toByteArray(), 0, allocator, new Random(1)));
    private final UploadDesk desk = new UploadDesk(new Memory(), request -> {
        handled.incrementAndGet();
        request.body().discard();
        return answer;
    });

    private final class Memory implements UploadSink {

        @Override
        public Mono<Long> offset(Upload upload) {
            return Mono.fromSupplier(() -> (long) memory.size());
        }

        @Override
        public Mono<Long> write(Upload upload, long offset, Flux<ByteBuf> bytes) {
            return bytes.<Void>handle((buffer, nothing) -> {
                        memory.writeBytes(ByteBufUtil.getBytes(buffer));
                        buffer.release();
                    })
                    .then(offset(upload));
        }

        @Override
        public Flux<ByteBuf> read(Upload upload, long offset) {
            return kept;
        }
    }

    /** A step that was sent, and what has become of it. */
    private static final class Step {

        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        private final AtomicReference<@Nullable RpcReply> reply = new AtomicReference<>();
        private final Disposable call;

        Step(Mono<RpcReply> call) {
            this.call = call.subscribe(reply::set, failure::set);
        }

        void assertIsUnderWay() {
            assertThat(failure.get()).isNull();
            assertThat(reply.get()).isNull();
        }

        void assertDone() {
            assertThat(failure.get()).isNull();
            assertThat(reply.get()).isNotNull();
        }

        void assertFailed(String message, boolean retryable) {
            assertThat(failure.get()).hasMessage(message);
            RpcException told = (RpcException) failure.get();
            assertThat(told.rpcStatus()).isEqualTo(RpcStatus.ABORTED);
            assertThat(told.is(Trait.RETRYABLE)).isEqualTo(retryable);
        }
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(desk.turns().underWay()).isZero();
        allocator.assertNoLeaks();
    }

    private Step step(String name, String caller, int attempt, Body body, String... more) {
        Fields.Builder fields = Fields.of(more).toBuilder()
                .set("resume-upload", "mine")
                .set("resume-endpoint", "files/put")
                .set("resume-caller", caller)
                .set("resume-attempt", Integer.toString(attempt));
        RpcRequest request = RpcRequest.of("headgate.resume/" + name, Content.OCTETS, Content.JSON, body);
        return new Step(desk.call(request.withFields(fields.build())));
    }

    private Step ask(String caller, int attempt) {
        return step("offset", caller, attempt, Body.empty());
    }

    private Step send(String caller, int attempt, Body body) {
        return step("bytes", caller, attempt, body, "resume-offset", Integer.toString(memory.size()));
    }

    private Step commit(String caller, int attempt) {
        return step("commit", caller, attempt, Body.empty(), "resume-length", Integer.toString(memory.size()));
    }

    @Test
    void aRivalEndsWhatAnotherSendsForGood() {
        ask("a", 1).assertDone();
        ScriptedBody body = ScriptedBody.create();
        Step sending = send("a", 1, body);
        sending.assertIsUnderWay();
        ask("b", 1).assertDone();
        sending.assertFailed(TAKEN_OVER, false);
        assertThat(body.cancels()).isOne();
    }

    @Test
    void whoeverWasTakenOverBetweenItsStepsHearsItAtTheNext() {
        ask("a", 1).assertDone();
        ask("b", 1).assertDone();
        ScriptedBody late = ScriptedBody.create();
        send("a", 1, late).assertFailed(TAKEN_OVER, false);
        assertThat(late.discards()).isOne();
        commit("a", 1).assertFailed(TAKEN_OVER, false);
        send("b", 1, Body.of(allocator.utf8("abc"))).assertDone();
        commit("b", 1).assertDone();
        send("a", 1, Body.empty()).assertFailed(TAKEN_OVER, false);
        assertThat(handled).hasValue(1);
        assertThat(memory.toString(StandardCharsets.UTF_8)).isEqualTo("abc");
    }

    @Test
    void aGhostGivesWayToTheNextAttemptAndNotTheReverse() {
        ask("a", 1).assertDone();
        Step ghost = send("a", 1, ScriptedBody.create());
        ask("a", 2).assertDone();
        ghost.assertFailed(CUT, true);
        ScriptedBody body = ScriptedBody.create();
        Step sending = send("a", 2, body);
        ask("a", 1).assertFailed(CUT, true);
        send("a", 1, Body.empty()).assertFailed(CUT, true);
        commit("a", 1).assertFailed(CUT, true);
        sending.assertIsUnderWay();
        body.emit(allocator.utf8("abc"));
        body.complete();
        sending.assertDone();
        commit("a", 2).assertDone();
    }

    @Test
    void whatTheHandlerDoesIsNotTakenOver() {
        Sinks.One<RpcReply> later = Sinks.one();
        answer = later.asMono();
        ask("a", 1).assertDone();
        Step carriedOut = commit("a", 1);
        ask("b", 1).assertFailed(CARRIED_OUT, false);
        Step again = ask("a", 2);
        again.assertIsUnderWay();
        ask("b", 2).assertFailed(CARRIED_OUT, false);
        later.tryEmitValue(RpcReply.of(Content.JSON, Body.utf8("1")));
        carriedOut.assertDone();
        again.assertDone();
    }

    @Test
    void aHandlerWhoseConnectionIsGoneMakesRoom() {
        AtomicInteger cancelled = new AtomicInteger();
        answer = Mono.<RpcReply>never().doOnCancel(cancelled::incrementAndGet);
        ask("a", 1).assertDone();
        Step carriedOut = commit("a", 1);
        carriedOut.call.dispose();
        assertThat(cancelled).hasValue(1);
        ask("b", 1).assertDone();
    }

    @Test
    void whatIsCheckedIsTakenOver() {
        AtomicInteger cancelled = new AtomicInteger();
        kept = Flux.<ByteBuf>never().doOnCancel(cancelled::incrementAndGet);
        ask("a", 1).assertDone();
        Step checked = step("commit", "a", 1, Body.empty(), "resume-length", "0", "resume-checksum", "crc32c=00000000");
        checked.assertIsUnderWay();
        ask("b", 1).assertDone();
        checked.assertFailed(TAKEN_OVER, false);
        assertThat(cancelled).hasValue(1);
        assertThat(handled).hasValue(0);
    }

    @Test
    void aSinkThatThrowsAndAHandlerThatThrowsEndTheirTurns() {
        kept = Flux.error(new IllegalStateException("secret"));
        ask("a", 1).assertDone();
        Step checked = step("commit", "a", 1, Body.empty(), "resume-length", "0", "resume-checksum", "crc32c=00000000");
        assertThat(checked.failure.get()).hasMessageMatching("files/put: internal error, id [0-9a-f]+");
        answer = Mono.error(new IllegalStateException("secret"));
        assertThat(commit("a", 1).failure.get()).hasMessageMatching("files/put: internal error, id [0-9a-f]+");
    }

    @Test
    void callersThatDoNotSayWhoTheyAreTakeTurnsAsEver() {
        String[] fields = {"resume-upload", "mine", "resume-endpoint", "files/put", "resume-offset", "0"};
        RpcRequest request = RpcRequest.of("headgate.resume/bytes", Content.OCTETS, Content.NONE, ScriptedBody.create())
                .withFields(Fields.of(fields));
        Step first = new Step(desk.call(request));
        first.assertIsUnderWay();
        new Step(desk.call(request.withBody(Body.empty()))).assertDone();
        first.assertFailed(CUT, true);
    }

    @Test
    void aCallerWithAWrongNameIsRefused() {
        assertThat(ask("../a", 1).failure.get())
                .hasMessage("resume-caller: 4 characters (expected: 1..64 letters, digits, hyphens and underscores)");
        assertThat(ask("a", -1).failure.get()).hasMessage("resume-attempt: -1 (expected: a number)");
    }

    @Test
    void soManyUploadsAreRememberedAndNoMore() {
        for (int i = 0; i < 3 * Turns.REMEMBERED; i++) {
            Fields fields = Fields.of("resume-upload", "u" + i, "resume-endpoint", "files/put", "resume-caller", "a")
                    .with("resume-attempt", "1");
            new Step(desk.call(RpcRequest.of("headgate.resume/offset", Content.NONE, Content.NONE, Body.empty())
                            .withFields(fields)))
                    .assertDone();
        }
        assertThat(desk.turns().remembered()).isEqualTo(Turns.REMEMBERED);
    }

    /** The connection dies with the bytes of a ghost still on their way into the sink; the caller waits, and goes on. */
    @Test
    void aCallerWhoseConnectionDiedTakesOverFromItsGhost() {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        List<Throwable> losses = new ArrayList<>();
        List<Step> ghosts = new ArrayList<>();
        Service<RpcRequest, RpcReply> network = request -> {
            if (!request.endpoint().endsWith("bytes") || !ghosts.isEmpty()) {
                return desk.call(request);
            }
            ScriptedBody halfDead = ScriptedBody.create();
            ghosts.add(new Step(desk.call(request.withBody(halfDead))));
            halfDead.emit(allocator.utf8("ab"));
            request.body().discard();
            return Mono.delay(Duration.ofSeconds(15), time)
                    .then(Mono.error(RpcException.of(RpcStatus.UNAVAILABLE, "connection: silent")));
        };
        SeekableBody body = SeekableBody.of(
                "v1", 4, at -> Bytes.chunked("abcd".getBytes(StandardCharsets.UTF_8), at, allocator, new Random(1)));
        Step upload = new Step(Resume.DEFAULTS
                .withTimer(time)
                .withBackoff(Backoff.exponential(Duration.ofSeconds(2), Duration.ofSeconds(2)))
                .withListener((endpoint, position, futile, loss) -> losses.add(loss))
                .uploads()
                .wrap(network)
                .call(RpcRequest.of("files/put", Content.OCTETS, Content.JSON, body)
                        .withFields(Fields.of("resume-upload", "mine"))));
        time.advanceTimeBy(Duration.ofMillis(15_500));
        ghosts.get(0).assertIsUnderWay();
        time.advanceTimeBy(Duration.ofSeconds(2));
        upload.assertDone();
        ghosts.get(0).assertFailed(CUT, true);
        assertThat(losses).hasSize(1);
        assertThat(memory.toString(StandardCharsets.UTF_8)).isEqualTo("abcd");
    }
}
