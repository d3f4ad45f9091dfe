package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.mux.ClientCall.Reply;
import io.headgate.profile.Profile;
import io.headgate.profile.ProfileRoute;
import io.headgate.profile.ProfileRouter;
import io.headgate.profile.ProfileRouting;
import io.headgate.profile.RequestMatch;
import io.headgate.profile.ResponseClass;
import io.headgate.profile.ResponseMatch;
import io.headgate.profile.WeightedTarget;
import io.headgate.retry.BudgetSettings;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Sinks;

/** Profiles between real connections: two versions of a service behind one name. */
class ProfilesOnTheWireTest {

    /** Of a connection to an upstream. */
    private static final int WINDOW = 16 * 1024 * 1024;

    private static final BudgetSettings BUDGET = new BudgetSettings(1, 100, Duration.ofSeconds(10));

    private static ProfileRoute route(String path) {
        return ProfileRoute.of(RequestMatch.path(path)).withLabel("route", path);
    }

    private static WeightedTarget target(String version) {
        return new WeightedTarget(version, 1);
    }

    /** A gateway whose requests go where a profile sends them; versions take turns in a split. */
    private static final class Versions implements AutoCloseable {

        final Sinks.Many<Profile> profiles = Sinks.many().replay().latest();
        final Rig rig;
        Peer second;
        ProfileRouter router;

        Versions(Pair pair) throws IOException {
            AtomicLong turn = new AtomicLong();
            rig = Rig.of(pair, Path.FUSED)
                    .service(made -> {
                        second = peer(made);
                        router = ProfileRouting.of(
                                        name -> profiles.asFlux(),
                                        name -> name.equals("v2:80")
                                                ? made.upstream(second.url())
                                                : made.upstream(made.upstream.url()))
                                .withDice(bound -> turn.getAndIncrement() % bound)
                                .create("orders:80");
                        return router;
                    })
                    .start();
            rig.upstream.answer(call -> call.reply(200, "one"));
            second.answer(call -> call.reply(200, "two"));
        }

        private static Peer peer(Rig made) {
            try {
                return made.anotherUpstream();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        void profile(Profile profile) {
            profiles.tryEmitNext(profile).orThrow();
        }

        @Override
        public void close() throws Exception {
            rig.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSplitFollowsItsProfile(Pair pair) throws Exception {
        try (Versions versions = new Versions(pair)) {
            Client client = versions.rig.client();
            assertThat(client.get("/").reply().text()).as("without a profile").isEqualTo("one");
            versions.profile(Profile.EMPTY.withTargets(target("v1:80"), target("v2:80")));
            assertThat(client.get("/").reply().text()).isEqualTo("one");
            assertThat(client.get("/").reply().text()).isEqualTo("two");
            versions.profile(Profile.EMPTY.withTargets(target("v2:80")));
            assertThat(client.get("/").reply().text()).isEqualTo("two");
            versions.profile(Profile.EMPTY);
            assertThat(client.get("/").reply().text()).isEqualTo("one");
            assertThat(versions.router.stats().defaultRoute().calls()).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @EnumSource
    void failuresAreRetriedAsTheClassesSay(Pair pair) throws Exception {
        try (Versions versions = new Versions(pair)) {
            versions.profile(Profile.of(
                            route("/a").withRetryable(true),
                            route("/b")
                                    .withRetryable(true)
                                    .withClasses(
                                            new ResponseClass(ResponseMatch.status(409), true),
                                            new ResponseClass(ResponseMatch.status(500), false)))
                    .withRetryBudget(BUDGET));
            AtomicInteger number = new AtomicInteger();
            versions.rig.upstream.answer(call -> {
                int[] statuses = {500, 200, 409, 200, 500};
                String text = call.body().rest().text();
                call.reply(statuses[number.getAndIncrement()], text);
            });
            Client client = versions.rig.client();
            assertReply(post(client, "/a"), 200);
            assertReply(post(client, "/b"), 200);
            assertReply(post(client, "/b"), 500);
            assertThat(number).hasValue(5);
        }
    }

    private static ClientCall post(Client client, String path) throws Exception {
        ClientCall call = client.post(path).send("some text");
        call.end();
        return call;
    }

    private static void assertReply(ClientCall call, int status) throws Exception {
        Reply reply = call.reply();
        assertThat(reply.status()).isEqualTo(status);
        assertThat(reply.text()).isEqualTo("some text");
    }

    @ParameterizedTest
    @EnumSource
    void aTimeoutIsAnsweredWith504AndEndsTheAttempt(Pair pair) throws Exception {
        try (Versions versions = new Versions(pair)) {
            versions.rig.upstream.answer(null);
            versions.profile(Profile.of(route("/slow").withTimeout(Duration.ofMillis(300))));
            ClientCall call = versions.rig.client().get("/slow");
            UpstreamCall up = versions.rig.take();
            assertThat(call.reply().status()).isEqualTo(504);
            up.awaitCancel();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTimeoutDoesNotCutABody(Pair pair) throws Exception {
        try (Versions versions = new Versions(pair)) {
            versions.rig.upstream.answer(null);
            versions.profile(Profile.of(
                    route("/begun").withTimeout(Duration.ofSeconds(1)),
                    route("/slow").withTimeout(Duration.ofMillis(1_100))));
            Client client = versions.rig.client();
            ClientCall call = client.get("/begun");
            UpstreamCall up = versions.rig.take();
            up.head(200, false).send("be");
            assertThat(call.head().status()).isEqualTo(200);
            // another one that is timed out later tells that the time of the first one is over
            assertThat(versions.rig.client().get("/slow").reply().status()).isEqualTo(504);
            up.send("gun").end();
            assertThat(call.body().rest().text()).isEqualTo("begun");
        }
    }

    // ---- gRPC

    private static ClientCall rpc(Client client, String path) throws Exception {
        ClientCall call = client.post(path, "content-type", "application/grpc", "te", "trailers")
                .send("\0\0\0\0\1x");
        call.end();
        return call;
    }

    private static String grpcStatus(Reply reply) {
        String early = reply.head().get("grpc-status");
        return early == null ? reply.content().trailer("grpc-status") : early;
    }

    @ParameterizedTest
    @EnumSource
    void aGrpcStatusDecidesAboutARetry(Pair pair) throws Exception {
        try (Versions versions = new Versions(pair)) {
            versions.profile(
                    Profile.of(route("/service/method").withRetryable(true)).withRetryBudget(BUDGET));
            AtomicInteger number = new AtomicInteger();
            versions.rig.upstream.answer(call -> {
                call.body().rest();
                switch (number.getAndIncrement()) {
                    case 0 -> call.head(200, true, "content-type", "application/grpc", "grpc-status", "14");
                    case 1 ->
                        call.head(200, false, "content-type", "application/grpc")
                                .end("grpc-status", "13");
                    case 2 ->
                        call.head(200, false, "content-type", "application/grpc")
                                .send("\0\0\0\0\1y")
                                .end("grpc-status", "0");
                    default -> call.head(200, true, "content-type", "application/grpc", "grpc-status", "5");
                }
            });
            Client client = versions.rig.client();
            Reply first = rpc(client, "/service/method").reply();
            assertThat(grpcStatus(first)).isEqualTo("0");
            assertThat(first.text()).isEqualTo("\0\0\0\0\1y");
            assertThat(number).hasValue(3);
            Reply second = rpc(client, "/service/method").reply();
            assertThat(grpcStatus(second)).as("not a failure of the service").isEqualTo("5");
            assertThat(number).hasValue(4);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTimeoutOfGrpcIsAStatus(Pair pair) throws Exception {
        try (Versions versions = new Versions(pair)) {
            versions.rig.upstream.answer(null);
            versions.profile(Profile.of(route("/service/method").withTimeout(Duration.ofMillis(300))));
            Reply reply = rpc(versions.rig.client(), "/service/method").reply();
            assertThat(reply.status()).isEqualTo(200);
            assertThat(grpcStatus(reply)).isEqualTo("4");
            versions.rig.take().awaitCancel();
        }
    }

    // ---- flow control

    /** Each failed attempt leaves a body unread; together they are more than the window of the connection. */
    @Test
    void failedAttemptsGiveTheirWindowBack() throws Exception {
        try (Versions versions = new Versions(Pair.H2_H2)) {
            versions.profile(Profile.of(route("/a").withRetryable(true)).withRetryBudget(BUDGET));
            byte[] failed = new byte[250_000]; // within the window of a stream
            AtomicInteger number = new AtomicInteger();
            AtomicLong unread = new AtomicLong();
            versions.rig.upstream.answer(call -> {
                if (number.getAndIncrement() % 2 == 0) {
                    call.head(500, false).send(failed);
                    unread.addAndGet(call.written());
                } else {
                    call.reply(200, "one");
                }
            });
            Client client = versions.rig.client();
            for (int i = 0; i < 80; i++) { // after 100 resets there would be another connection
                assertThat(client.get("/a").reply().text()).as("request %s", i).isEqualTo("one");
            }
            assertThat(unread).hasValueGreaterThan(WINDOW);
            assertThat(versions.rig.upstream.connections).hasValue(1);
        }
    }
}
