package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.CallWatch;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Sinks;

/** What the watch of an upstream call is told while the bodies go from socket to socket. */
class MuxWatchTest {

    /** What was told of one call. */
    private static final class Seen implements CallWatch {

        final List<String> events = new CopyOnWriteArrayList<>();
        final AtomicInteger bytes = new AtomicInteger();
        volatile Fields trailers = Fields.empty();

        @Override
        public void onReply(ReplyHead head) {
            events.add("reply " + head.status());
        }

        @Override
        public void onData(int count) {
            bytes.addAndGet(count);
        }

        @Override
        public void onComplete(Fields fields) {
            trailers = fields;
            events.add("complete");
        }

        @Override
        public void onFailure(Throwable cause) {
            events.add("failure " + cause.getClass().getSimpleName());
        }

        @Override
        public void onCancel() {
            events.add("cancel");
        }

        void await(String... expected) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(5))
                    .pollInterval(Duration.ofMillis(5))
                    .untilAsserted(() -> assertThat(events).containsExactly(expected));
        }
    }

    private final Seen seen = new Seen();

    private Service<HttpExchange, HttpReply> watched(Rig rig, UnaryOperator<HttpReply> then) {
        Service<HttpExchange, HttpReply> upstream =
                CallWatch.stage(exchange -> seen).wrap(rig.upstream());
        return rig.path.through(exchange -> upstream.call(exchange).map(then));
    }

    private Rig start(Pair pair, Path path) throws IOException {
        return Rig.of(pair, path).service(rig -> watched(rig, reply -> reply)).start();
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void wholeReplyIsSeenToItsTrailers(Pair pair, Path path) throws Exception {
        try (Rig rig = start(pair, path)) {
            ClientCall call = rig.client().get("/", "te", "trailers");
            UpstreamCall up = rig.take();
            up.head(200, false).send("hello");
            assertThat(call.head().status()).isEqualTo(200);
            up.send(" there").end("x-sum", "11");
            assertThat(call.body().rest().text()).isEqualTo("hello there");
            seen.await("reply 200", "complete");
            assertThat(seen.bytes).hasValue(11);
            assertThat(seen.trailers.get("x-sum")).isEqualTo("11");
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void replyWithoutABodyEndsWithItsHead(Pair pair, Path path) throws Exception {
        try (Rig rig = start(pair, path)) {
            ClientCall call = rig.client().get("/");
            rig.take().head(204, true);
            assertThat(call.reply().status()).isEqualTo(204);
            seen.await("reply 204", "complete");
            assertThat(seen.bytes).hasValue(0);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void clientThatLeavesIsACancel(Pair pair, Path path) throws Exception {
        try (Rig rig = start(pair, path)) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            up.head(200, false).send("hello");
            call.head();
            call.abort();
            up.awaitCancel();
            seen.await("reply 200", "cancel");
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.CANCELLED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void clientThatLeavesBeforeTheReplyIsACancel(Pair pair, Path path) throws Exception {
        try (Rig rig = start(pair, path)) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            call.abort();
            up.awaitCancel();
            seen.await("cancel");
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void upstreamThatIsLostInTheMiddleIsAFailure(Pair pair, Path path) throws Exception {
        try (Rig rig = start(pair, path)) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            up.head(200, false).send("hello");
            call.head();
            up.crash();
            assertThat(call.body().rest().isClean()).isFalse();
            seen.await("reply 200", "failure UpstreamException");
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void replyThatIsDroppedIsACancel(Pair pair, Path path) throws Exception {
        UnaryOperator<HttpReply> drop = reply -> {
            reply.discard();
            return HttpReply.of(200, Fields.empty(), Body.utf8("instead"));
        };
        try (Rig rig = Rig.of(pair, path).service(it -> watched(it, drop)).start()) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            up.head(200, false);
            assertThat(call.reply().text()).isEqualTo("instead");
            up.awaitCancel();
            seen.await("reply 200", "cancel");
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void watchThatComesLateIsToldOfAllThatHasCome(Pair pair, Path path) throws Exception {
        Sinks.Empty<Void> written = Sinks.empty();
        try (Rig rig = Rig.of(pair, path)
                .service(it -> {
                    Service<HttpExchange, HttpReply> upstream = it.upstream();
                    return exchange -> upstream.call(exchange)
                            .delayUntil(reply -> written.asMono()) // goes on on the thread of the test
                            .map(reply -> reply.watched(seen));
                })
                .start()) {
            ClientCall call = rig.client().get("/");
            rig.take().reply(200, "hello");
            written.tryEmitEmpty().orThrow();
            assertThat(call.reply().text()).isEqualTo("hello");
            seen.await("complete");
            assertThat(seen.bytes).hasValue(5);
        }
    }
}
