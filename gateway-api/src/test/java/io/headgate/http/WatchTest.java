package io.headgate.http;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.PublisherProbe;
import reactor.test.publisher.TestPublisher;

/** What the watches of bodies and calls are told. */
class WatchTest {

    private static final Fields TRAILERS = Fields.of("grpc-status", "0");

    private final List<ByteBuf> buffers = new ArrayList<>();
    private final List<String> events = new ArrayList<>();
    private final Recorder watch = new Recorder("");
    private final TestPublisher<ByteBuf> source = TestPublisher.create();

    private final class Recorder implements CallWatch {

        private final String name;

        Recorder(String name) {
            this.name = name;
        }

        @Override
        public void onReply(ReplyHead head) {
            events.add(name + "reply " + head.status());
        }

        @Override
        public void onData(int bytes) {
            events.add(name + "data " + bytes);
        }

        @Override
        public void onComplete(Fields trailers) {
            events.add(name + "complete " + trailers.get("grpc-status"));
        }

        @Override
        public void onFailure(Throwable cause) {
            events.add(name + "failure " + cause.getMessage());
        }

        @Override
        public void onCancel() {
            events.add(name + "cancel");
        }
    }

    @AfterEach
    void everyBufferIsReleased() {
        assertThat(buffers).allSatisfy(buffer -> assertThat(buffer.refCnt()).isZero());
    }

    private ByteBuf buffer(String text) {
        ByteBuf buffer = Unpooled.copiedBuffer(text, UTF_8);
        buffers.add(buffer);
        return buffer;
    }

    @Test
    void watchIsToldOfDataAndOfTheEndWithItsTrailers() {
        Body body = Body.of(Flux.just(buffer("ab"), buffer("cde")), 5, Mono.just(TRAILERS))
                .watched(watch);

        assertThat(body.length()).isEqualTo(5);
        StepVerifier.create(body.asString(100)).expectNext("abcde").verifyComplete();
        StepVerifier.create(body.trailers()).expectNext(TRAILERS).verifyComplete();
        assertThat(events).containsExactly("data 2", "data 3", "complete 0");
    }

    @Test
    void trailersAreAskedForOnceHoweverManyWantThem() {
        PublisherProbe<Fields> trailers = PublisherProbe.of(Mono.just(TRAILERS));
        Body body = Body.of(Flux.empty(), -1, trailers.mono()).watched(watch);

        StepVerifier.create(body).verifyComplete();
        StepVerifier.create(body.trailers()).expectNext(TRAILERS).verifyComplete();

        assertThat(trailers.subscribeCount()).isOne();
    }

    @Test
    void failureOfTheBodyIsTheEnd() {
        Body body = Body.of(source.flux()).watched(watch);

        StepVerifier.create(body)
                .then(() -> source.error(new IllegalStateException("cut")))
                .verifyErrorMessage("cut");
        assertThat(events).containsExactly("failure cut");
    }

    @Test
    void failureOfTheTrailersIsToldToTheWatchAndToWhoAsksForThem() {
        Body body = Body.of(Flux.empty(), -1, Mono.error(new IllegalStateException("no trailers")))
                .watched(watch);

        StepVerifier.create(body).verifyComplete();
        StepVerifier.create(body.trailers()).verifyErrorMessage("no trailers");
        assertThat(events).containsExactly("failure no trailers");
    }

    @Test
    void cancelIsTheEndAndReachesTheSource() {
        Body body = Body.of(source.flux()).watched(watch);

        StepVerifier.create(body)
                .then(() -> source.next(buffer("abc")))
                .consumeNextWith(ByteBuf::release)
                .thenCancel()
                .verify();
        source.assertCancelled();
        assertThat(events).containsExactly("data 3", "cancel");
    }

    @Test
    void cancelWhileTheTrailersAreAwaitedIsTheEnd() {
        TestPublisher<Fields> trailers = TestPublisher.create();
        Body body = Body.of(Flux.empty(), -1, trailers.mono()).watched(watch);

        StepVerifier.create(body).thenAwait().thenCancel().verify();
        trailers.complete();
        assertThat(events).containsExactly("cancel");
    }

    @Test
    void discardIsTheEndOnceAndReleasesTheBody() {
        Body body = Body.of(buffer("abc")).watched(watch);

        body.discard();
        body.discard();
        assertThat(events).containsExactly("cancel");
    }

    @Test
    void discardOfABodyThatIsReadChangesNothing() {
        Body body = Body.of(Flux.just(buffer("abc"))).watched(watch);

        StepVerifier.create(body.asString(10)).expectNext("abc").verifyComplete();
        body.discard();
        assertThat(events).containsExactly("data 3", "complete null");
    }

    @Test
    void secondSubscriptionFailsAndIsNoSecondEnd() {
        Body body = Body.of(Flux.just(buffer("abc"))).watched(watch);

        StepVerifier.create(body.asString(10)).expectNext("abc").verifyComplete();
        StepVerifier.create(body).verifyError(IllegalStateException.class);
        assertThat(events).containsExactly("data 3", "complete null");
    }

    @Test
    void emptyBodyEndsAtOnceAndStaysEmpty() {
        Body body = Body.empty().watched(watch);

        assertThat(body.isEmpty()).isTrue();
        assertThat(events).containsExactly("complete null");
    }

    @Test
    void severalWatchesAreToldInOrder() {
        Body body = Body.of(buffer("abc"))
                .watched(new Recorder("1 ").and(new Recorder("2 ")))
                .watched(new Recorder("3 "));

        StepVerifier.create(body.asString(10)).expectNext("abc").verifyComplete();
        assertThat(events)
                .containsExactly(
                        "1 data 3", "2 data 3", "3 data 3", "1 complete null", "2 complete null", "3 complete null");
    }

    // ---- calls

    private static HttpExchange exchange() {
        return HttpExchange.of(RequestHead.of("GET", "test.example", "/"), Body.empty());
    }

    private Service<HttpExchange, HttpReply> watching(Service<HttpExchange, HttpReply> next) {
        return CallWatch.stage(exchange -> watch).wrap(next);
    }

    @Test
    void callIsWatchedToTheEndOfItsReply() {
        HttpReply reply = watching(exchange -> Mono.just(HttpReply.of(200, Fields.empty(), Body.of(buffer("abc")))))
                .call(exchange())
                .block();

        assertThat(events).containsExactly("reply 200");
        StepVerifier.create(reply.body().asString(10)).expectNext("abc").verifyComplete();
        assertThat(events).containsExactly("reply 200", "data 3", "complete null");
    }

    @Test
    void callThatFailsEndsWithoutAReply() {
        StepVerifier.create(watching(exchange -> Mono.error(new IllegalStateException("down")))
                        .call(exchange()))
                .verifyErrorMessage("down");
        assertThat(events).containsExactly("failure down");
    }

    @Test
    void callThatIsCancelledBeforeItsReplyEndsOnce() {
        TestPublisher<HttpReply> reply = TestPublisher.create();

        StepVerifier.create(watching(exchange -> reply.mono()).call(exchange()))
                .thenAwait()
                .thenCancel()
                .verify();
        reply.assertCancelled();
        assertThat(events).containsExactly("cancel");
    }

    @Test
    void cancelAfterTheReplyDoesNotEndItsBody() {
        watching(exchange -> Mono.just(HttpReply.of(200, Fields.empty(), Body.of(buffer("abc")))))
                .call(exchange())
                .subscribe(HttpReply::discard);

        assertThat(events).containsExactly("reply 200", "cancel");
    }

    @Test
    void callWithoutAReplyCountsAsCancelled() {
        StepVerifier.create(watching(exchange -> Mono.empty()).call(exchange())).verifyComplete();
        assertThat(events).containsExactly("cancel");
    }

    @Test
    void callThatNobodyWatchesIsTheCallItself() {
        PublisherProbe<HttpReply> call = PublisherProbe.of(Mono.just(HttpReply.of(204)));
        Service<HttpExchange, HttpReply> service =
                CallWatch.stage(exchange -> null).wrap(exchange -> call.mono());

        StepVerifier.create(service.call(exchange()))
                .expectNextMatches(reply -> reply.status() == 204)
                .verifyComplete();
        assertThat(events).isEmpty();
    }
}
