package io.headgate.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class BodyTest {

    private static final Fields TRAILERS = Fields.of("grpc-status", "0");

    private final List<ByteBuf> buffers = new ArrayList<>();
    private final TestPublisher<ByteBuf> source = TestPublisher.create();

    @AfterEach
    void everyBufferIsReleased() {
        assertThat(buffers).allSatisfy(buffer -> assertThat(buffer.refCnt()).isZero());
    }

    @Test
    void emptyBodyCompletesAgainAndAgain() {
        Body empty = Body.empty();
        empty.discard();

        StepVerifier.create(empty).verifyComplete();
        StepVerifier.create(empty).verifyComplete();
        StepVerifier.create(empty.trailers()).verifyComplete();
        assertThat(empty.isEmpty()).isTrue();
        assertThat(empty.length()).isZero();
    }

    @Test
    void bodyOfABufferPassesItsOwnershipAtTheFirstDemand() {
        ByteBuf buffer = buffer("abc");
        Body body = Body.of(buffer);

        assertThat(body.length()).isEqualTo(3);
        assertThat(body.isEmpty()).isFalse();
        StepVerifier.create(body, 0)
                .expectSubscription()
                .thenRequest(1)
                .consumeNextWith(received -> {
                    assertThat(received).isSameAs(buffer);
                    assertThat(received.refCnt()).isOne();
                    received.release();
                })
                .verifyComplete();
        StepVerifier.create(body.trailers()).verifyComplete();
    }

    @Test
    void bodyOfAnEmptyBufferIsNoEmptyBody() {
        Body body = Body.of(buffer(""));

        assertThat(body.isEmpty()).isFalse();
        assertThat(body.length()).isZero();
        StepVerifier.create(body.asString(0)).expectNext("").verifyComplete();
    }

    @Test
    void bodyOfABufferReleasesItOnCancel() {
        ByteBuf buffer = buffer("abc");

        StepVerifier.create(Body.of(buffer), 0).thenCancel().verify();
        assertThat(buffer.refCnt()).isZero();
    }

    @Test
    void whatIsHereInOneBufferOrNoneIsWhole() {
        Body many = Body.of(source.flux());
        Body one = Body.of(buffer("abc"));
        Body none = Body.of(buffer(""));
        assertThat(Body.empty().isWhole()).isTrue();
        assertThat(one.isWhole()).isTrue();
        assertThat(none.isWhole()).isTrue();
        assertThat(many.isWhole()).as("it may fail").isFalse();
        Body mapped = one.via(flux -> flux);
        assertThat(mapped.isWhole()).as("operators may wait").isFalse();
        mapped.discard();
        none.discard();
        many.discard();
    }

    @Test
    void aWholeBodyComesAtTheFirstDemandOnTheThreadThatAsks() {
        List<Thread> threads = new ArrayList<>();
        Body body = Body.of(buffer("abc"));
        StepVerifier.create(
                        body.doOnNext(received -> {
                            threads.add(Thread.currentThread());
                            received.release();
                        }),
                        0)
                .expectSubscription()
                .then(() -> assertThat(threads).isEmpty())
                .thenRequest(1)
                .expectNextCount(1)
                .verifyComplete();
        assertThat(threads).containsExactly(Thread.currentThread());
    }

    @Test
    void discardReleasesOnceAndEndsTheBody() {
        ByteBuf buffer = buffer("abc");
        Body body = Body.of(buffer);
        body.discard();
        body.discard();

        assertThat(buffer.refCnt()).isZero();
        expectUsedTwice(body);
    }

    @Test
    void discardAfterSubscriptionLeavesTheBufferToTheSubscriber() {
        Body body = Body.of(buffer("abc"));

        StepVerifier.create(body, 0)
                .then(body::discard)
                .thenRequest(1)
                .consumeNextWith(received -> assertThat(received.release()).isTrue())
                .verifyComplete();
    }

    @Test
    void aSecondSubscriptionFails() {
        Body one = Body.of(buffer("abc"));
        Body many = Body.of(source.flux());
        StepVerifier.create(one.asString(3)).expectNext("abc").verifyComplete();
        StepVerifier.create(many).then(source::complete).verifyComplete();

        expectUsedTwice(one);
        expectUsedTwice(many);
        assertThat(source.subscribeCount()).isOne();
    }

    @Test
    void bodyOfAPublisherPassesDemandBuffersAndCancel() {
        Body body = Body.of(source.flux(), 6, Mono.just(TRAILERS));

        assertThat(body.length()).isEqualTo(6);
        StepVerifier.create(body, 0)
                .expectSubscription()
                .then(source::assertWasNotRequested)
                .thenRequest(1)
                .then(() -> source.assertMinRequested(1).next(buffer("abc")))
                .consumeNextWith(received -> assertThat(received.release()).isTrue())
                .thenCancel()
                .verify();
        source.assertCancelled(1);
        StepVerifier.create(body.trailers()).expectNext(TRAILERS).verifyComplete();
    }

    @Test
    void bodyOfAPublisherHasUnknownLengthAndNoTrailers() {
        Body body = Body.of(source.flux());

        assertThat(body.length()).isEqualTo(Body.UNKNOWN_LENGTH);
        StepVerifier.create(body.trailers()).verifyComplete();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Body.of(source.flux(), -2, Mono.empty()))
                .withMessage("length: -2 (expected: >= 0, or UNKNOWN_LENGTH)");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void discardIsNotStoppedByAPublisherThatThrows(boolean inSubscribe) {
        Publisher<ByteBuf> thrower = to -> {
            if (inSubscribe) {
                throw new NoClassDefFoundError("on purpose");
            }
            to.onSubscribe(new Subscription() {
                @Override
                public void request(long n) {
                    // nobody asks
                }

                @Override
                public void cancel() {
                    throw new NoClassDefFoundError("on purpose");
                }
            });
        };
        Body body = Body.of(thrower);

        assertThatCode(body::discard).doesNotThrowAnyException();
        StepVerifier.create(body).verifyError(IllegalStateException.class);
    }

    @Test
    void discardCancelsAPublisherOnce() {
        Body body = Body.of(source.flux());
        body.discard();
        body.discard();

        source.assertCancelled(1);
        assertThat(source.subscribeCount()).isOne();
        expectUsedTwice(body);
    }

    @Test
    void discardReleasesWhatReactorSourcesHold() {
        Body.of(Mono.just(buffer("mono"))).discard();
        Body.of(Flux.just(buffer("flux"))).discard();
        Body.of(Flux.fromIterable(List.of(buffer("a"), buffer("b")))).discard();

        assertThat(buffers)
                .hasSize(4)
                .allSatisfy(buffer -> assertThat(buffer.refCnt()).isZero());
    }

    @Test
    void discardAfterCompletionDoesNothing() {
        Body body = Body.of(source.flux());
        StepVerifier.create(body).then(source::complete).verifyComplete();
        body.discard();

        source.assertNotCancelled();
    }

    @Test
    void discardOfAFailingPublisherIsSilent() {
        AtomicInteger subscriptions = new AtomicInteger();
        Body body = Body.of(Flux.defer(() -> {
            subscriptions.incrementAndGet();
            return Flux.<ByteBuf>error(new IllegalStateException("gone"));
        }));
        body.discard();

        assertThat(subscriptions).hasValue(1);
    }

    @Test
    void viaKeepsTrailersAndForgetsTheLength() {
        Body body = Body.of(Flux.just(buffer("ab"), buffer("c")), 3, Mono.just(TRAILERS));
        Body upper = body.via(chunks -> chunks.map(chunk -> {
            String text = chunk.toString(UTF_8);
            chunk.release();
            return buffer(text.toUpperCase(java.util.Locale.ROOT));
        }));

        assertThat(upper.length()).isEqualTo(Body.UNKNOWN_LENGTH);
        StepVerifier.create(upper.asString(3)).expectNext("ABC").verifyComplete();
        StepVerifier.create(upper.trailers()).expectNext(TRAILERS).verifyComplete();
        expectUsedTwice(upper);
        expectUsedTwice(body);
    }

    @Test
    void discardOfAViaDiscardsItsSourceWithoutRunningTheOperators() {
        AtomicInteger ran = new AtomicInteger();
        ByteBuf buffer = buffer("abc");
        Body body = Body.of(buffer);
        Body seen = body.via(chunks -> chunks.doOnSubscribe(s -> ran.incrementAndGet()));
        seen.discard();
        seen.discard();

        assertThat(buffer.refCnt()).isZero();
        assertThat(ran).hasValue(0);
        expectUsedTwice(body);
    }

    @Test
    void cancelOfAViaReachesTheSource() {
        StepVerifier.create(Body.of(source.flux()).via(chunks -> chunks.map(chunk -> chunk)))
                .then(() -> source.next(buffer("a")))
                .consumeNextWith(ByteBuf::release)
                .thenCancel()
                .verify();
        source.assertCancelled(1);
    }

    @Test
    void aggregateCollectsUpToTheBound() {
        Mono<ByteBuf> whole =
                Body.of(Flux.just(buffer("ab"), buffer(""), buffer("cd"))).aggregate(4);

        StepVerifier.create(whole)
                .consumeNextWith(collected -> {
                    assertThat(collected.toString(UTF_8)).isEqualTo("abcd");
                    assertThat(collected.release()).isTrue();
                })
                .verifyComplete();
        StepVerifier.create(Body.utf8("h\u00e9").asString(3))
                .expectNext("h\u00e9")
                .verifyComplete();
        StepVerifier.create(Body.of(buffer("xyz")).asBytes(3).map(String::new))
                .expectNext("xyz")
                .verifyComplete();
    }

    @Test
    void aggregateCancelsAndReleasesBeyondTheBound() {
        StepVerifier.create(Body.of(source.flux()).aggregate(4))
                .then(() -> source.next(buffer("ab"), buffer("cde")))
                .expectErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(BodyTooLargeException.class)
                        .hasMessage("body: too large (expected: at most 4 bytes)"))
                .verify();
        source.assertCancelled(1);
    }

    @Test
    void aggregateReleasesOnCancelAndWhatComesAfterIt() {
        StepVerifier.create(Body.of(source.flux()).aggregate(4))
                .then(() -> source.next(buffer("ab")))
                .thenCancel()
                .verify();
        source.assertCancelled(1);

        TestPublisher<ByteBuf> late = TestPublisher.createNoncompliant(TestPublisher.Violation.CLEANUP_ON_TERMINATE);
        StepVerifier.create(Body.of(late.flux()).aggregate(4)).thenCancel().verify();
        late.next(buffer("late"));
        assertThat(buffers)
                .hasSize(2)
                .allSatisfy(buffer -> assertThat(buffer.refCnt()).isZero());
    }

    @Test
    void aggregateReleasesOnError() {
        StepVerifier.create(Body.of(source.flux()).aggregate(4))
                .then(() -> source.next(buffer("ab")).error(new IllegalStateException("cut short")))
                .verifyErrorMessage("cut short");
        assertThat(buffers).hasSize(1);
    }

    @Test
    void aggregateWaitsForDemandEvenWhenTheBodyIsEmpty() {
        StepVerifier.create(Body.empty().aggregate(4), 0)
                .expectSubscription()
                .expectNoEvent(java.time.Duration.ofMillis(1))
                .thenRequest(1)
                .consumeNextWith(collected -> assertThat(collected.release()).isTrue())
                .verifyComplete();
        StepVerifier.create(Body.empty().aggregate(4), 0).thenCancel().verify();
    }

    @Test
    void aggregateRefusesANegativeBound() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Body.empty().aggregate(-1))
                .withMessage("maxBytes: -1 (expected: >= 0)");
    }

    private ByteBuf buffer(String text) {
        // not wrapped: an empty wrapped buffer is a constant that nobody can release
        ByteBuf buffer = Unpooled.buffer(8).writeBytes(text.getBytes(UTF_8));
        buffers.add(buffer);
        return buffer;
    }

    private static void expectUsedTwice(Body body) {
        StepVerifier.create(body)
                .expectErrorSatisfies(error -> assertThat(error)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessage("body: subscribed or discarded before (expected: one subscription)"))
                .verify();
    }
}
