package io.headgate.rpc;

import static io.headgate.rpc.Steps.LONG;
import static io.headgate.rpc.Steps.await;
import static io.headgate.rpc.Steps.failure;
import static io.headgate.rpc.Steps.reply;
import static io.headgate.rpc.Steps.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** What holds on every connection of bodies that break the rules of publishers: they fail their call, and nothing else. */
public abstract class FaultyBodyBehaviour extends LettingGoBehaviour {

    /** What a source does where it may only signal. */
    protected enum Fault {
        THROWS_IN_SUBSCRIBE {
            @Override
            void subscribe(Subscriber<? super ByteBuf> to) {
                throw new IllegalStateException("secret");
            }
        },
        THROWS_AN_ERROR_IN_SUBSCRIBE {
            @Override
            void subscribe(Subscriber<? super ByteBuf> to) {
                throw new NoClassDefFoundError("secret");
            }
        },
        THROWS_IN_REQUEST {
            @Override
            void subscribe(Subscriber<? super ByteBuf> to) {
                to.onSubscribe(new Throwing());
            }
        },
        THROWS_IN_REQUEST_ON_ITS_OWN_THREAD {
            @Override
            void subscribe(Subscriber<? super ByteBuf> to) {
                Schedulers.parallel().schedule(() -> to.onSubscribe(new Throwing()));
            }
        },
        GIVES_NO_SUBSCRIPTION {
            @Override
            @SuppressWarnings("NullAway") // that is the fault
            void subscribe(Subscriber<? super ByteBuf> to) {
                to.onSubscribe(null);
            }
        },
        FAILS_WITHOUT_A_SUBSCRIPTION {
            @Override
            void subscribe(Subscriber<? super ByteBuf> to) {
                to.onError(new IllegalStateException("secret"));
            }
        };

        abstract void subscribe(Subscriber<? super ByteBuf> to);

        Body body() {
            return Body.of((Publisher<ByteBuf>) this::subscribe);
        }
    }

    private static class Throwing implements Subscription {

        @Override
        public void request(long n) {
            throw new IllegalStateException("secret");
        }

        @Override
        public void cancel() {
            throw new IllegalStateException("thrown while cancelled");
        }
    }

    /** Emits nothing, and throws when it is cancelled. */
    private static final class ThrowsWhenCancelled extends Throwing {

        @Override
        public void request(long n) {
            // it has nothing
        }
    }

    static Stream<Arguments> faultsOfReplies() {
        return Stream.of(Fault.values())
                .flatMap(fault -> Stream.of(Content.JSON, Content.OCTETS)
                        .filter(content -> fault != Fault.THROWS_IN_REQUEST_ON_ITS_OWN_THREAD
                                || content == Content.JSON) // on the wire of 2017 the header of octets has left by then
                        .flatMap(content ->
                                Stream.of(true, false).map(elsewhere -> Arguments.of(fault, content, elsewhere))));
    }

    static Stream<Arguments> faultsOfRequests() {
        return Stream.of(Fault.values())
                .flatMap(fault -> Stream.of(Content.JSON, Content.OCTETS).map(content -> Arguments.of(fault, content)));
    }

    protected final void survives(Both both) {
        assertThat(alive(both.client())).isEqualTo("alive?");
        await().untilAsserted(() -> assertThat(both.client().stats().outgoing()).isZero());
        await().untilAsserted(() -> assertThat(both.server().stats().incoming()).isZero());
    }

    protected static Mono<Void> read(Mono<RpcReply> call) {
        return call.flatMapMany(RpcReply::body).map(Steps::size).then();
    }

    private RpcRequest asking(String endpoint, Content content, Content accept, Body body) {
        return RpcRequest.of(endpoint, content, accept, body);
    }

    protected static void isMasked(RpcException failure) {
        assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.INTERNAL);
        assertThat(failure.isRemote()).isTrue();
        assertThat(failure.getMessage()).contains("internal error, id ").doesNotContain("secret");
    }

    // ---- replies

    @ParameterizedTest
    @MethodSource("faultsOfReplies")
    void aReplyWhoseSourceBreaksTheRulesFailsItsCallAlone(Fault fault, Content content, boolean elsewhere) {
        desk.on("broken", request -> {
            request.body().discard();
            Mono<RpcReply> reply = Mono.fromSupplier(() -> RpcReply.of(content, fault.body()));
            return elsewhere ? reply.subscribeOn(Schedulers.parallel()) : reply;
        });
        Both both = open();
        isMasked(failure(read(both.client().call(asking("broken", Content.JSON, content, steps.one("x"))))));
        survives(both);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aHandlerThatThrowsWhenItIsAskedFailsItsCallAlone(boolean elsewhere) {
        desk.on("broken", request -> {
            request.body().discard();
            Mono<RpcReply> handler = Mono.from(to -> to.onSubscribe(new Throwing()));
            return elsewhere ? Mono.from(to -> Schedulers.parallel().schedule(() -> handler.subscribe(to))) : handler;
        });
        Both both = open();
        isMasked(failure(steps.unary(both.client(), "broken", "x")));
        survives(both);
    }

    @Test
    void aDocumentWhoseSourceThrowsBehindItFailsItsCallAlone() {
        desk.on("broken", request -> {
            request.body().discard();
            return Mono.just(reply(Body.of(throwsBehindItsElement())));
        });
        Both both = open();
        isMasked(failure(text(both.client().call(steps.request("broken", "x")))));
        survives(both);
    }

    protected final Publisher<ByteBuf> throwsBehindItsElement() {
        return to -> to.onSubscribe(new Throwing() {

            private boolean emitted;

            @Override
            public void request(long n) {
                if (!emitted) {
                    emitted = true;
                    to.onNext(steps.buffers.utf8("element"));
                }
                super.request(n);
            }
        });
    }

    @Test
    void aConnectionEndsAlthoughASourceThrowsWhenItIsCancelled() {
        CountDownLatch subscribed = new CountDownLatch(2);
        desk.on("silent", request -> {
            request.body().discard();
            return Mono.just(reply(throwsWhenCancelled(subscribed)));
        });
        desk.on("never", request -> {
            request.body().discard();
            return Mono.from(to -> {
                to.onSubscribe(new ThrowsWhenCancelled());
                subscribed.countDown();
            });
        });
        Both both = open();
        AtomicInteger failed = new AtomicInteger();
        read(both.client().call(steps.request("silent", "x"))).subscribe(end -> {}, end -> failed.incrementAndGet());
        read(both.client().call(steps.request("never", "x"))).subscribe(end -> {}, end -> failed.incrementAndGet());
        await().until(() -> subscribed.getCount() < 2);
        both.server().abort("enough");
        assertThat(both.server().closed().block(LONG).kind()).isEqualTo(Ending.Kind.ABORTED);
        assertThat(both.client().closed().block(LONG).kind()).isEqualTo(Ending.Kind.ABORTED_BY_PEER);
        await().untilAsserted(() -> assertThat(failed).hasValue(2));
    }

    protected static Body throwsWhenCancelled(CountDownLatch subscribed) {
        return Body.of((Publisher<ByteBuf>) to -> {
            to.onSubscribe(new ThrowsWhenCancelled());
            subscribed.countDown();
        });
    }

    /** Reactor lets it through, wherever it is thrown. */
    @ParameterizedTest
    @EnumSource(Place.class)
    void aCallerThatThrowsHarmsItsCallAlone(Place place) {
        desk.on("broken", request -> {
            request.body().discard();
            return place == Place.FAILURE
                    ? Mono.error(RpcException.of(RpcStatus.INVALID_ARGUMENT, "no"))
                    : Mono.just(RpcReply.of(Content.OCTETS, Body.of(steps.numbers(3))));
        });
        Both both = open();
        AtomicInteger thrown = new AtomicInteger();
        CountDownLatch others = new CountDownLatch(3);
        Flux<Integer> call = both.client()
                .call(RpcRequest.of("broken", Content.JSON, Content.OCTETS, steps.one("x")))
                .doOnNext(reply -> throwIf(place == Place.REPLY, thrown))
                .flatMapMany(RpcReply::body)
                .map(Steps::size)
                .doOnNext(size -> throwIf(place == Place.ELEMENT, thrown))
                .doOnComplete(() -> throwIf(place == Place.END, thrown))
                .doOnError(failure -> throwIf(place == Place.FAILURE, thrown));
        try {
            call.subscribe(size -> {}, failure -> {});
        } catch (NoClassDefFoundError own) { // in process it comes back to its thread
            assertThat(own).hasMessage("secret");
        }
        for (int i = 0; i < 3; i++) {
            steps.unary(both.client(), "echo", "x").subscribe(text -> others.countDown());
        }
        await().until(() -> others.getCount() == 0);
        await().untilAsserted(() -> assertThat(thrown).hasValue(1));
        survives(both);
    }

    /** Where whoever reads throws. */
    protected enum Place {
        REPLY,
        ELEMENT,
        END,
        FAILURE
    }

    protected static void throwIf(boolean here, AtomicInteger thrown) {
        if (here) {
            thrown.incrementAndGet();
            throw new NoClassDefFoundError("secret");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = Place.class,
            names = {"ELEMENT", "END"})
    void aHandlerThatThrowsWhileItReadsFailsItsCallAlone(Place place) {
        AtomicInteger thrown = new AtomicInteger();
        desk.on(
                "reads",
                request -> request.body()
                        .map(Steps::size)
                        .doOnNext(size -> throwIf(place == Place.ELEMENT, thrown))
                        .doOnComplete(() -> throwIf(place == Place.END, thrown))
                        .count()
                        .map(count -> reply(steps.one(count.toString()))));
        Both both = open();
        Body body = Body.of(steps.numbers(1).publishOn(Schedulers.parallel()));
        isMasked(failure(text(both.client().call(steps.request("reads", Content.JSON, body)))));
        assertThat(thrown).hasValue(1);
        survives(both);
    }

    // ---- requests

    @ParameterizedTest
    @MethodSource("faultsOfRequests")
    void aRequestWhoseSourceBreaksTheRulesFailsItsCallAlone(Fault fault, Content content) {
        desk.on(
                "size",
                request -> request.body().aggregate(1000).map(Steps::size).map(s -> reply(steps.one("" + s))));
        Both both = open();
        RpcException failure = failure(text(both.client().call(asking("size", content, Content.JSON, fault.body()))));
        assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.INTERNAL);
        assertThat(failure.isRemote()).isFalse();
        assertThat(failure.getCause()).isNotNull();
        survives(both);
    }

    @Test
    void aRequestWhoseSourceThrowsWhenItIsCancelledIsGivenUpAlone() throws InterruptedException {
        CountDownLatch subscribed = new CountDownLatch(1);
        desk.on(
                "size",
                request -> request.body().aggregate(1000).map(Steps::size).map(s -> reply(steps.one("" + s))));
        Both both = open();
        Disposable call = both.client()
                .call(steps.request("size", Content.JSON, throwsWhenCancelled(subscribed)))
                .subscribe(RpcReply::discard, failure -> {});
        assertThat(subscribed.await(10, TimeUnit.SECONDS)).isTrue();
        call.dispose();
        survives(both);
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aRequestWhoseSourceBreaksTheRulesMayBeGivenUpUnsent(Fault fault) {
        Both both = open();
        both.client()
                .call(steps.request("echo", Content.JSON, fault.body()))
                .subscribe(RpcReply::discard, failure -> {})
                .dispose();
        both.client().closeAsync(LONG).block(LONG);
        assertThat(failure(both.client().call(steps.request("echo", Content.JSON, fault.body())))
                        .rpcStatus())
                .isEqualTo(RpcStatus.UNAVAILABLE);
    }

    /** Whoever made the request knows better than anybody what became of it. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aRequestThatFailsFailsItsCallWithItsOwnFailure(boolean masked) {
        Throwable thrown =
                masked ? new IllegalStateException("disk 3") : RpcException.of(RpcStatus.DATA_LOSS, "disk 3");
        AtomicReference<@Nullable Throwable> seen = new AtomicReference<>();
        desk.on(
                "resumes",
                request -> request.body()
                        .asString(1000)
                        .doOnError(seen::set)
                        .onErrorReturn("never mind")
                        .map(text -> reply(steps.one(text))));
        Both both = open();
        RpcException failure =
                failure(text(both.client().call(steps.request("resumes", Content.JSON, Body.of(Flux.error(thrown))))));
        assertThat(failure.rpcStatus()).isEqualTo(masked ? RpcStatus.INTERNAL : RpcStatus.DATA_LOSS);
        assertThat(failure.isRemote()).isFalse();
        assertThat(masked ? failure.getCause() : failure).isSameAs(thrown);
        if (desk.calls.get() > 0) { // the wire of 2017 says nothing before there is something to say
            await().untilAsserted(() -> assertThat(seen.get()).isNotNull());
            assertThat(((RpcException) seen.get()).isRemote()).isTrue();
            assertThat(seen.get()).hasMessageContaining(masked ? "internal error, id " : "disk 3");
        }
        survives(both);
    }
}
