package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Key;
import io.headgate.classify.Classifier;
import io.headgate.forward.Client;
import io.headgate.forward.Forwarded;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.HttpExchange;
import io.headgate.profile.Profile;
import io.headgate.profile.ProfileRoute;
import io.headgate.profile.ProfileRouting;
import io.headgate.profile.RequestMatch;
import io.headgate.profile.ResponseClass;
import io.headgate.profile.ResponseMatch;
import io.headgate.profile.RouteLabels;
import io.headgate.resolve.Endpoint;
import io.headgate.route.Route;
import io.headgate.route.RouteTable;
import io.headgate.route.Router;
import io.headgate.route.ServiceCache;
import io.headgate.trace.RequestId;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;

/** What observers find in the notes of real exchanges. */
class MuxNotesTest {

    private static <V> @Nullable V note(Rig rig, int index, Key<V> key) {
        HttpExchange exchange = rig.outcomes.exchanges.get(index).exchange;
        return ExchangeNotes.of(exchange, key);
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void endpointIsTheOneThatWasTriedLast(Pair pair, Path path) throws Exception {
        Rig.Builder builder = Rig.of(pair, path).service(rig -> {
            try {
                return rig.path.through(rig.upstream(rig.refusingUrl(), rig.upstream.url()));
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        try (Rig rig = builder.start()) {
            ClientCall call = rig.client().get("/");
            rig.take().ok("second");
            call.reply();
            rig.outcomes.only();
            Endpoint endpoint = note(rig, 0, Endpoint.KEY);
            assertThat(endpoint).isNotNull();
            assertThat(endpoint.address().getPort()).isEqualTo(rig.upstream.port());
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void endpointIsKnownOfAnExchangeThatFailed(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.start(pair, path)) {
            ClientCall call = rig.client().call("DELETE", "/", false);
            rig.take().crash();
            rig.take().crash();
            assertThat(call.reply().status()).isEqualTo(502);
            rig.outcomes.only();
            assertThat(note(rig, 0, Endpoint.KEY).address().getPort()).isEqualTo(rig.upstream.port());
        }
    }

    @ParameterizedTest
    @EnumSource(Pair.class)
    void routeIdAndClientAreWhatTheStagesFound(Pair pair) throws Exception {
        Rig.Builder builder = Rig.of(pair, Path.FUSED).service(rig -> {
            RouteTable<String> table = RouteTable.<String>builder()
                    .add(Route.of("users", "up").withPath("/users/{id}"))
                    .add(Route.of("rest", "up"))
                    .build();
            Router<String> router = Router.of(table, ServiceCache.of(name -> rig.upstream()));
            return RequestId.create().wrap(Forwarded.create().wrap(router));
        });
        try (Rig rig = builder.start()) {
            rig.upstream.answer(call -> call.reply(200, call.request.get("x-request-id")));
            String id = rig.client().get("/users/7").reply().text();
            rig.client().get("/other").reply();
            rig.outcomes.await(2);
            assertThat(note(rig, 0, Route.KEY).name()).isEqualTo("users");
            assertThat(note(rig, 1, Route.KEY).name()).isEqualTo("rest");
            assertThat(note(rig, 0, RequestId.KEY)).isEqualTo(id).isNotEmpty();
            assertThat(note(rig, 1, RequestId.KEY)).isNotEqualTo(id);
            assertThat(note(rig, 0, Client.KEY).address().isLoopbackAddress()).isTrue();
            assertThat(note(rig, 0, RouteLabels.KEY)).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource(Pair.class)
    void labelsAndClassifierAreThoseOfTheRouteOfAProfile(Pair pair) throws Exception {
        Profile profile = Profile.of(ProfileRoute.of(RequestMatch.path("/users"))
                .withLabel("route", "users")
                .withClasses(new ResponseClass(ResponseMatch.status(404, 404), true)));
        Rig.Builder builder = Rig.of(pair, Path.FUSED)
                .service(rig -> ProfileRouting.of(
                                name -> Flux.just(profile).concatWith(Flux.never()), name -> rig.upstream())
                        .create("users:80"));
        try (Rig rig = builder.start()) {
            rig.upstream.answer(call -> call.reply(404, "none"));
            rig.client().get("/users").reply();
            rig.client().get("/other").reply();
            rig.outcomes.await(2);
            assertThat(note(rig, 0, RouteLabels.KEY).raw()).isEqualTo(Map.of("route", "users"));
            assertThat(note(rig, 0, Classifier.KEY)).isNotNull();
            assertThat(note(rig, 1, RouteLabels.KEY)).isNull();
        }
    }

    @ParameterizedTest
    @EnumSource(Pair.class)
    void addressesAreKnownWhenTheConnectionIsGone(Pair pair) throws Exception {
        try (Rig rig = Rig.start(pair, Path.FUSED)) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            call.abort();
            up.awaitCancel();
            HttpExchange exchange = rig.outcomes.only().exchange;
            rig.gateway.closeAsync().block(Duration.ofSeconds(10));
            assertThat(exchange.connection().remoteAddress()).isNotNull();
            assertThat(exchange.connection().localAddress()).isNotNull();
        }
    }
}
