package io.headgate.rpc;

import static io.headgate.rpc.Steps.LONG;
import static io.headgate.rpc.Steps.await;
import static io.headgate.rpc.Steps.failure;
import static io.headgate.rpc.Steps.reply;
import static io.headgate.rpc.Steps.texts;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.test.ScriptedBody;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import reactor.core.CoreSubscriber;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** Bodies that break the rules of publishers where the wire has words for it: amid a stream, in trailers, when they are cancelled. */
public abstract class FaultyStreamBehaviour extends StreamBehaviour {

    /** What trailers do where they may only signal. */
    enum FaultyTrailers {
        THROWN {
            @Override
            Mono<Fields> get() {
                throw new IllegalStateException("secret");
            }
        },
        AN_ERROR_THROWN {
            @Override
            Mono<Fields> get() {
                throw new NoClassDefFoundError("secret");
            }
        },
        NULL {
            @Override
            @SuppressWarnings("NullAway") // that is the fault
            Mono<Fields> get() {
                return null;
            }
        },
        THROWN_IN_SUBSCRIBE {
            @Override
            Mono<Fields> get() {
                return new Mono<>() {
                    @Override
                    public void subscribe(CoreSubscriber<? super Fields> actual) {
                        throw new IllegalStateException("secret");
                    }
                };
            }
        },
        THROWN_BY_THEIR_VALUE {
            @Override
            Mono<Fields> get() {
                return Mono.fromCallable(() -> {
                    throw new NoClassDefFoundError("secret");
                });
            }
        };

        abstract Mono<Fields> get();
    }

    /** A body of a source, whose trailers are asked for when they are wanted. */
    private static final class WithTrailers extends Body {

        private final Body body;
        private final Supplier<Mono<Fields>> trailers;

        WithTrailers(Body body, Supplier<Mono<Fields>> trailers) {
            this.body = body;
            this.trailers = trailers;
        }

        @Override
        public long length() {
            return UNKNOWN_LENGTH;
        }

        @Override
        public Mono<Fields> trailers() {
            return trailers.get();
        }

        @Override
        public void discard() {
            body.discard();
        }

        @Override
        public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
            body.subscribe(actual);
        }
    }

    private void serves(String endpoint, Supplier<Body> body) {
        desk.on(endpoint, request -> {
            request.body().discard();
            return Mono.just(reply(body.get()));
        });
    }

    @ParameterizedTest
    @EnumSource(FaultyTrailers.class)
    void trailersThatBreakTheRulesFailTheirCallAlone(FaultyTrailers fault) {
        serves("broken", () -> new WithTrailers(Body.of(steps.numbers(2)), fault::get));
        Both both = mutual();
        StepVerifier.create(texts(call(both.client(), "broken", steps.one("x"))))
                .expectNext("0", "1")
                .expectErrorSatisfies(failure -> isMasked((RpcException) failure))
                .verify(LONG);
        survives(both);
    }

    /** A request has none that travel. */
    @ParameterizedTest
    @EnumSource(FaultyTrailers.class)
    void trailersOfARequestAreNotAskedFor(FaultyTrailers fault) {
        Both both = mutual();
        Body body = new WithTrailers(Body.of(steps.numbers(2)), fault::get);
        assertThat(texts(call(both.client(), "echo", body)).collectList().block(LONG))
                .containsExactly("0", "1");
        survives(both);
    }

    @Test
    void trailersThatDoNotComeAreCancelledWithTheirCall() {
        AtomicInteger cancelled = new AtomicInteger();
        CountDownLatch wanted = new CountDownLatch(1);
        Mono<Fields> never =
                Mono.<Fields>never().doOnSubscribe(s -> wanted.countDown()).doOnCancel(cancelled::incrementAndGet);
        serves("late", () -> Body.of(steps.numbers(1), Body.UNKNOWN_LENGTH, never));
        Both both = mutual();
        Disposable call = texts(call(both.client(), "late", steps.one("x"))).subscribe();
        await1(wanted);
        call.dispose();
        await().untilAsserted(() -> assertThat(cancelled).hasValue(1));
        survives(both);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReplyWhoseSourceThrowsAmidItFailsItsCallAlone(boolean forth) {
        serves("broken", () -> Body.of(throwsBehindItsElement()));
        Both both = mutual();
        StepVerifier.create(texts(call(side(both, forth), "broken", steps.one("x"))), 1)
                .expectNext("element")
                .thenRequest(1)
                .expectErrorSatisfies(failure -> isMasked((RpcException) failure))
                .verify(LONG);
        survives(both);
    }

    @Test
    void aReplyOfOctetsWhoseSourceThrowsLaterFailsItsCallAlone() {
        desk.on("broken", request -> {
            request.body().discard();
            return Mono.just(RpcReply.of(Content.OCTETS, Fault.THROWS_IN_REQUEST_ON_ITS_OWN_THREAD.body()));
        });
        Both both = mutual();
        isMasked(failure(
                read(both.client().call(RpcRequest.of("broken", Content.JSON, Content.OCTETS, steps.one("x"))))));
        survives(both);
    }

    @Test
    void aRequestWhoseSourceThrowsAmidItFailsItsCallAlone() {
        AtomicInteger failed = new AtomicInteger();
        desk.on(
                "count",
                request -> request.body()
                        .map(Steps::size)
                        .doOnError(failure -> failed.incrementAndGet())
                        .count()
                        .map(count -> reply(steps.one(count.toString()))));
        Both both = mutual();
        RpcException failure = failure(read(call(both.client(), "count", Body.of(throwsBehindItsElement()))));
        assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.INTERNAL);
        assertThat(failure.isRemote()).isFalse();
        await().untilAsserted(() -> assertThat(failed).hasValue(1));
        survives(both);
    }

    /** The reply goes on for as long as its request does; it ends with it. */
    @Test
    void aRequestThatFailsEndsAReplyThatHasBegun() {
        Both both = mutual();
        ScriptedBody body = ScriptedBody.create();
        body.emit(steps.buffers.utf8("0"));
        StepVerifier.create(texts(call(both.client(), "echo", body)))
                .expectNext("0")
                .then(() -> body.fail(new IllegalStateException("disk 3")))
                .expectErrorSatisfies(failure -> {
                    assertThat(((RpcException) failure).rpcStatus()).isEqualTo(RpcStatus.INTERNAL);
                    assertThat(((RpcException) failure).isRemote()).isFalse();
                    assertThat(failure).hasRootCauseMessage("disk 3");
                })
                .verify(LONG);
        survives(both);
    }

    @Test
    void aReplyWhoseSourceThrowsWhenItIsCancelledIsGivenUpAlone() {
        CountDownLatch subscribed = new CountDownLatch(1);
        serves("silent", () -> throwsWhenCancelled(subscribed));
        Both both = mutual();
        Disposable call = texts(call(both.client(), "silent", steps.one("x"))).subscribe(text -> {}, failure -> {});
        await1(subscribed);
        call.dispose();
        survives(both);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aSourceThatNeverBeginsEndsWithItsCall(boolean byDeadline) {
        CountDownLatch subscribed = new CountDownLatch(1);
        serves("silent", () -> Body.of((Publisher<ByteBuf>) to -> subscribed.countDown()));
        Both both = mutual();
        Deadline deadline = byDeadline ? Deadline.after(Duration.ofMillis(100)) : Deadline.NONE;
        StepVerifier.create(read(both.client().call(steps.request("silent", "x").withDeadline(deadline))))
                .then(() -> await1(subscribed))
                .then(() -> {
                    if (!byDeadline) {
                        both.server().closeAsync(Duration.ZERO).subscribe();
                    }
                })
                .expectErrorSatisfies(failure -> assertThat(((RpcException) failure).rpcStatus())
                        .isEqualTo(byDeadline ? RpcStatus.DEADLINE_EXCEEDED : RpcStatus.UNAVAILABLE))
                .verify(LONG);
        if (byDeadline) {
            survives(both);
        } else {
            both.client().closed().block(LONG);
        }
    }

    @Test
    void aReaderThatThrowsAmidAnEchoFailsItsCallAlone() {
        AtomicInteger thrown = new AtomicInteger();
        desk.on(
                "echo-once",
                request -> Mono.just(reply(request.body()
                        .via(body -> body.doOnNext(element -> {
                            if (thrown.get() == 0) {
                                element.release();
                            }
                            throwIf(thrown.get() == 0, thrown);
                        })))));
        Both both = mutual();
        isMasked(failure(read(call(both.client(), "echo-once", Body.of(steps.numbers(3))))));
        survives(both);
    }
}
