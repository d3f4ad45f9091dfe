package io.headgate.rpc;

import static io.headgate.rpc.Steps.LONG;
import static io.headgate.rpc.Steps.await;
import static io.headgate.rpc.Steps.failure;
import static io.headgate.rpc.Steps.reply;
import static io.headgate.rpc.Steps.size;
import static io.headgate.rpc.Steps.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.http.Body;
import io.headgate.test.ScriptedBody;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/** What nobody wants any more is let go of, on every dialect and transport, and holds no other call up. */
public abstract class LettingGoBehaviour extends CallBehaviour {

    @Test
    void aReplyThatNobodyReadsIsDiscarded() {
        Both both = open();
        both.client().call(steps.request("echo", "x")).block(LONG).discard();
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    /** The rest of an upload that is answered is wanted by nobody, and may never come. */
    @Test
    void anUploadThatIsAnsweredIsLetGoOf() {
        desk.on("first", request -> request.body().map(Steps::size).next().map(size -> reply(steps.one("" + size))));
        Both both = open();
        ScriptedBody upload = ScriptedBody.create();
        upload.emit(steps.zeros(1000));
        assertThat(text(both.client().call(RpcRequest.of("first", Content.OCTETS, Content.JSON, upload)))
                        .block(LONG))
                .isEqualTo("1000");
        await().untilAsserted(() -> assertThat(upload.cancels()).isEqualTo(1));
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    @Test
    void aRequestThatIsReadInPartIsLetGoOfWhenItIsAnswered() {
        AtomicReference<@Nullable Throwable> seen = new AtomicReference<>();
        desk.on("part", request -> {
            request.body().map(Steps::size).subscribe(new BaseSubscriber<>() {
                @Override
                protected void hookOnSubscribe(Subscription subscription) {
                    subscription.request(1);
                }

                @Override
                protected void hookOnError(Throwable failure) {
                    seen.set(failure);
                }
            });
            return Mono.just(reply(steps.one("done")));
        });
        Both both = open();
        Body upload = Body.of(Flux.range(0, 3).map(i -> steps.zeros(1000)));
        assertThat(text(both.client().call(RpcRequest.of("part", Content.OCTETS, Content.JSON, upload)))
                        .block(LONG))
                .isEqualTo("done");
        await().untilAsserted(() -> assertThat(seen.get()).isInstanceOf(RpcException.class));
        assertThat(((RpcException) seen.get()).rpcStatus()).isEqualTo(RpcStatus.CANCELLED);
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    /** A subscriber that has gone does not read what comes for it. */
    @ParameterizedTest
    @EnumSource(
            value = Content.class,
            names = {"JSON", "OCTETS"})
    void aCallThatIsGivenUpWhileItsAnswerComesHoldsNoOtherUp(Content content) {
        desk.on("numbers", request -> {
            request.body().discard();
            return Mono.just(RpcReply.of(content, Body.of(steps.numbers(1))));
        });
        AtomicReference<@Nullable Subscription> call = new AtomicReference<>();
        AtomicBoolean given = new AtomicBoolean();
        Scheduler.Worker elsewhere = Schedulers.parallel().createWorker();
        Disposable started = elsewhere.schedule(() -> {}); // to start a thread is to block
        await().until(started::isDisposed);
        RpcObserver givesUp = new RpcObserver() {
            @Override
            public void onBytes(RpcConnection connection, boolean inbound, ByteBuf bytes) {
                Subscription current = call.get();
                if (inbound && current != null) {
                    Disposable gone = elsewhere.schedule(current::cancel);
                    boolean over = gone.isDisposed();
                    while (!over) { // by reading alone: whatever waits is reported as blocking an event loop
                        over = gone.isDisposed();
                    }
                }
            }
        };
        RpcSettings settings = quick().build();
        Both both = open(
                RpcSpec.DEFAULTS.withSettings(settings).withObserver(givesUp),
                RpcSpec.DEFAULTS.withSettings(settings).withHandler(desk));
        alive(both.client());
        both.client()
                .call(RpcRequest.of("numbers", Content.JSON, content, steps.one("x")))
                .subscribe(new CoreSubscriber<>() {
                    @Override
                    public void onSubscribe(Subscription subscription) {
                        call.set(subscription);
                        subscription.request(1);
                    }

                    @Override
                    public void onNext(RpcReply reply) {
                        given.set(true);
                        reply.discard();
                    }

                    @Override
                    public void onError(Throwable failure) {}

                    @Override
                    public void onComplete() {}
                });
        assertThat(alive(both.client())).isEqualTo("alive?");
        boolean hasBytes = both.client().stats().bytesIn() > 0;
        assertThat(given.get()).as("given to who has gone").isEqualTo(!hasBytes);
    }

    /** Calls that are cancelled before they begin are no calls; no end is told of them. */
    @Test
    void observersSeeNoEndOfCallsThatDidNotBegin() {
        SeenCalls seen = new SeenCalls();
        RpcSettings settings = quick().build();
        Both both = open(
                RpcSpec.DEFAULTS.withSettings(settings).withObserver(seen),
                RpcSpec.DEFAULTS.withSettings(settings).withHandler(desk));
        for (int i = 0; i < 200; i++) {
            Fickle caller = new Fickle();
            both.client().call(steps.request("echo", "x")).subscribe(caller);
            caller.dispose();
        }
        alive(both.client());
        await().untilAsserted(() -> assertThat(seen.open()).isZero());
    }

    @Test
    void aCancelledCallLetsGoOfItsRequest() {
        ScriptedBody body = ScriptedBody.create();
        Both both = open();
        both.client()
                .call(steps.request("echo", Content.JSON, body))
                .subscribe(RpcReply::discard, failure -> {})
                .dispose();
        await().untilAsserted(() -> assertThat(body.cancels() + body.discards()).isPositive());
    }

    @Test
    void anExpiredCallIsNotMade() {
        Both both = open();
        RpcException failure =
                failure(both.client().call(steps.request("echo", "x").withDeadline(Deadline.after(Duration.ZERO))));
        assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED);
        assertThat(desk.calls).hasValue(0);
        assertThat(alive(both.client())).isEqualTo("alive?");
    }

    @Test
    void aLateAnswerFailsTheCall() {
        desk.on("never", request -> {
            request.body().discard();
            return Mono.never();
        });
        Both both = open();
        RpcException failure = failure(
                both.client().call(steps.request("never", "x").withDeadline(Deadline.after(Duration.ofMillis(30)))));
        assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED);
    }

    /** Discards what it is given although it has gone, where a lambda would drop a reply that comes while it goes. */
    private static final class Fickle extends BaseSubscriber<RpcReply> {

        @Override
        protected void hookOnNext(RpcReply reply) {
            reply.discard();
        }

        @Override
        protected void hookOnError(Throwable failure) {
            // its call is given up
        }
    }
}
