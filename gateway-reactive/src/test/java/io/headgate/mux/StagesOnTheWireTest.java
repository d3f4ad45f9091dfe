package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Stage;
import io.headgate.forward.Forwarded;
import io.headgate.forward.Networks;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.Outcome;
import io.headgate.limit.RequestLimits;
import io.headgate.mirror.Mirror;
import io.headgate.mux.ClientCall.Reply;
import io.headgate.rewrite.CanonicalPath;
import io.headgate.rewrite.FieldEdits;
import io.headgate.rewrite.PathEdit;
import io.headgate.rewrite.Redirect;
import io.headgate.rewrite.Rewrite;
import io.headgate.trace.RequestId;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Stages between real connections: what the client gets, and what the upstream has seen. */
class StagesOnTheWireTest {

    private static final int LIMIT = 10_000;

    private static Rig rig(Pair pair, Stage<HttpExchange, HttpReply> stage) throws IOException {
        return Rig.of(pair, Path.FUSED)
                .service(rig -> stage.wrap(rig.gateway.upstream(rig.upstream.url())))
                .start();
    }

    // ---- where a request came from

    @ParameterizedTest
    @EnumSource
    void claimsOfAStrangerDoNotReachTheUpstream(Pair pair) throws Exception {
        try (Rig rig = rig(pair, Forwarded.create().withTrusted(Networks.of("10.0.0.0/8")))) {
            ClientCall call = rig.client()
                    .get("/", "x-forwarded-for", "10.0.0.7", "forwarded", "for=10.0.0.7", "x_real_ip", "10.0.0.7");
            UpstreamCall up = rig.take();
            String via = pair.h1Front() ? "1.1 headgate" : "2.0 headgate";
            assertThat(up.request.all("x-forwarded-for")).containsExactly("127.0.0.1");
            assertThat(up.request.all("forwarded")).containsExactly("for=127.0.0.1;host=test.example;proto=http");
            assertThat(up.request.all("via")).containsExactly(via);
            assertThat(up.request.toString()).doesNotContain("10.0.0.7");
            up.ok("x");
            assertThat(call.reply().text()).isEqualTo("x");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTrustedPeerIsAddedTo(Pair pair) throws Exception {
        try (Rig rig = rig(pair, Forwarded.create().withTrusted(Networks.of("127.0.0.0/8")))) {
            ClientCall call = rig.client().get("/", "x-forwarded-for", "203.0.113.9", "x-forwarded-proto", "https");
            UpstreamCall up = rig.take();
            assertThat(up.request.all("x-forwarded-for")).containsExactly("203.0.113.9, 127.0.0.1");
            assertThat(up.request.all("x-forwarded-proto")).containsExactly("https");
            up.ok("x");
            assertThat(call.reply().status()).isEqualTo(200);
        }
    }

    // ---- what is asked for

    @ParameterizedTest
    @EnumSource
    void theUpstreamSeesTheRewrittenRequest(Pair pair) throws Exception {
        try (Rig rig = Rig.of(pair, Path.FUSED)
                .settings(s -> s.paths(PathPolicy.AS_SENT))
                .service(made -> CanonicalPath.create()
                        .wrap(RequestId.create()
                                .withReply(true)
                                .wrap(Rewrite.path(PathEdit.stripPrefix("/api"))
                                        .wrap(Rewrite.host("orders.internal")
                                                .wrap(FieldEdits.create()
                                                        .remove("x-secret")
                                                        .onReplies()
                                                        .wrap(made.gateway.upstream(made.upstream.url())))))))
                .start()) {
            ClientCall call = rig.client().get("/x/../%61pi/orders?q=%2f");
            UpstreamCall up = rig.take();
            assertThat(up.request.target()).isEqualTo("/orders?q=%2f");
            assertThat(up.request.authority()).isEqualTo("orders.internal");
            up.reply(200, "x", "x-secret", "1");
            Reply reply = call.reply();
            assertThat(reply.head().get("x-secret")).isNull();
            assertThat(reply.head().get("x-request-id")).isEqualTo(up.request.get("x-request-id"));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPathThatLeavesItsRootReachesNobody(Pair pair) throws Exception {
        try (Rig rig = Rig.of(pair, Path.FUSED)
                .settings(s -> s.paths(PathPolicy.AS_SENT)) // else the mux refuses them before
                .service(made -> CanonicalPath.create().wrap(made.gateway.upstream(made.upstream.url())))
                .start()) {
            for (String target : new String[] {"/../etc/passwd", "/%2e%2e/a", "/a%2f..%2fb", "/a/..;/b", "/%00"}) {
                assertThat(rig.client().get(target).reply().status()).as(target).isEqualTo(400);
            }
            assertThat(rig.upstream.requests).hasValue(0);
            assertThat(rig.outcomes.await(5)).containsOnly(Outcome.REJECTED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void redirectsAreAnsweredHere(Pair pair) throws Exception {
        try (Rig rig = rig(pair, Redirect.toHttps())) {
            Client client = rig.client();
            for (int i = 0; i < 2; i++) {
                Reply reply = client.get("/a?b").reply();
                assertThat(reply.status()).isEqualTo(308);
                assertThat(reply.head().get("location")).isEqualTo("https://test.example/a?b");
                assertThat(reply.text()).isEmpty();
            }
            assertThat(rig.upstream.requests).hasValue(0);
        }
    }

    // ---- limits

    @ParameterizedTest
    @EnumSource
    void anAnnouncedBodyThatIsTooLargeReachesNobody(Pair pair) throws Exception {
        try (Rig rig = rig(pair, RequestLimits.create().withBody(LIMIT))) {
            ClientCall call = rig.client().post("/", "content-length", String.valueOf(LIMIT + 1));
            assertThat(call.reply().status()).isEqualTo(413);
            assertThat(rig.upstream.requests).hasValue(0);
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.REJECTED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aStreamedBodyIsCutAtTheLimit(Pair pair) throws Exception {
        try (Rig rig = rig(pair, RequestLimits.create().withBody(LIMIT))) {
            ClientCall call = rig.client().post("/").send(new byte[LIMIT]);
            UpstreamCall up = rig.take();
            assertThat(up.body().exactly(LIMIT)).hasSize(LIMIT);
            call.send("x");
            assertThat(call.reply().status()).isEqualTo(413);
            up.awaitCancel();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);

            ClientCall after = rig.client().post("/").send(new byte[LIMIT]);
            after.end();
            UpstreamCall whole = rig.take();
            assertThat(whole.body().rest().bytes()).hasSize(LIMIT);
            whole.ok("x");
            assertThat(after.reply().text()).isEqualTo("x");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReplyThatHasBegunIsCutAtTheLimit(Pair pair) throws Exception {
        try (Rig rig = rig(pair, RequestLimits.create().withBody(LIMIT))) {
            ClientCall call = rig.client().post("/").send("first");
            UpstreamCall up = rig.take();
            up.head(200, false).send("begun");
            assertThat(call.head().status()).isEqualTo(200);
            Incoming body = call.body();
            assertThat(body.exactly(5)).hasSize(5);
            call.send(new byte[LIMIT]);
            assertThat(body.rest().ending()).isNotEqualTo(Content.Ending.CLEAN);
            up.awaitCancel();
        }
    }

    // ---- mirrors

    /** A rig whose requests are mirrored to a second upstream. */
    private static final class Mirrored implements AutoCloseable {

        final AtomicReference<Mirror> mirror = new AtomicReference<>();
        final Rig rig;
        final Peer shadow;

        Mirrored(Pair pair) throws IOException {
            AtomicReference<Peer> second = new AtomicReference<>();
            rig = Rig.of(pair, Path.FUSED)
                    .service(made -> {
                        try {
                            second.set(made.anotherUpstream());
                        } catch (IOException e) {
                            throw new IllegalStateException(e);
                        }
                        Mirror stage = Mirror.to(
                                        made.gateway.upstream(second.get().url()))
                                .withMethods("GET", "POST");
                        mirror.set(stage);
                        return stage.wrap(made.gateway.upstream(made.upstream.url()));
                    })
                    .start();
            shadow = second.get();
        }

        void awaitStats(Predicate<io.headgate.mirror.MirrorStats> wanted) {
            Awaitility.await()
                    .atMost(Duration.ofSeconds(5))
                    .pollInterval(Duration.ofMillis(5))
                    .untilAsserted(() -> assertThat(mirror.get().stats()).matches(wanted, "wanted"));
        }

        @Override
        public void close() throws Exception {
            rig.close();
            assertThat(mirror.get().stats().active()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void bothUpstreamsSeeTheSameRequestAndTheClientOneReply(Pair pair) throws Exception {
        try (Mirrored mirrored = new Mirrored(pair)) {
            ClientCall call = mirrored.rig.client().post("/a?b", "x-a", "1").send("first");
            UpstreamCall main = mirrored.rig.take();
            UpstreamCall copy = mirrored.shadow.take();
            call.send("second");
            call.end("x-sum", "2");
            assertThat(main.body().rest().text()).isEqualTo("firstsecond");
            Content seen = copy.body().rest();
            assertThat(seen.text()).isEqualTo("firstsecond");
            assertThat(seen.trailers()).containsExactly(new Msg.Field("x-sum", "2"));
            assertThat(copy.request.target()).isEqualTo("/a?b");
            assertThat(copy.request.get("x-a")).isEqualTo("1");
            copy.reply(500, "nobody sees this");
            main.ok("answer");
            assertThat(call.reply().text()).isEqualTo("answer");
            mirrored.awaitStats(stats -> stats.completed() == 1 && stats.active() == 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMirrorThatReadsNothingSlowsNobody(Pair pair) throws Exception {
        int size = 8 * 1024 * 1024;
        try (Mirrored mirrored = new Mirrored(pair)) {
            ClientCall call = mirrored.rig.client().post("/", "content-length", String.valueOf(size));
            UpstreamCall main = mirrored.rig.take();
            mirrored.shadow.take(); // and does not read, but for what it is given at once
            mirrored.rig.async(() -> {
                call.send(new byte[size]).end();
                return null;
            });
            assertThat(main.body().rest().bytes()).hasSize(size);
            main.ok("answer");
            assertThat(call.reply().text()).isEqualTo("answer");
            mirrored.awaitStats(stats -> stats.cut() == 1 && stats.active() == 0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMirrorThatCrashesHurtsNobody(Pair pair) throws Exception {
        try (Mirrored mirrored = new Mirrored(pair)) {
            ClientCall call = mirrored.rig.client().get("/");
            UpstreamCall main = mirrored.rig.take();
            mirrored.shadow.take().crash();
            mirrored.shadow.take().crash(); // the mux has tried once more
            mirrored.awaitStats(stats -> stats.failed() == 1 && stats.active() == 0);
            main.ok("answer");
            assertThat(call.reply().text()).isEqualTo("answer");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aMirrorEndsWithAClientThatGoesAwayInItsBody(Pair pair) throws Exception {
        try (Mirrored mirrored = new Mirrored(pair)) {
            ClientCall call = mirrored.rig.client().post("/").send("first");
            UpstreamCall main = mirrored.rig.take();
            UpstreamCall copy = mirrored.shadow.take();
            assertThat(copy.body().exactly(5)).hasSize(5);
            call.abort();
            main.awaitCancel();
            copy.awaitCancel();
            mirrored.awaitStats(stats -> stats.failed() == 1 && stats.active() == 0);
        }
    }
}
