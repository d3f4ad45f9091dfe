package io.headgate.function.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.Stage;
import io.headgate.function.api.ApiClient.Answer;
import io.headgate.function.model.App;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.function.store.FunctionStore;
import io.headgate.function.store.MemoryFunctionStore;
import io.headgate.function.store.PageRequest;
import io.headgate.function.store.StoreListener;
import io.headgate.function.store.ValidatedStore;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RefusedException;
import io.headgate.test.TestExchange;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;

class ExtensionPointsTest {

    private final FunctionStore store = ValidatedStore.of(MemoryFunctionStore.create());
    private final List<String> seen = new ArrayList<>();

    private static ApiClient client(FunctionsApi.Builder builder) {
        return new ApiClient(builder.build());
    }

    private FunctionsApi.Builder builder() {
        return FunctionsApi.builder(store);
    }

    private Stage<HttpExchange, HttpReply> noting(String name) {
        return Stage.around((exchange, next) -> {
            seen.add(name);
            return next.call(exchange).doOnNext(reply -> seen.add(name + " " + reply.status()));
        });
    }

    private static Stage<HttpExchange, HttpReply> failing(boolean thrown) {
        return Stage.around((exchange, next) -> {
            if (thrown) {
                throw new IllegalStateException("secret");
            }
            return Mono.error(new IllegalStateException("secret"));
        });
    }

    private static void isMasked(Answer answer) {
        assertThat(answer.status()).isEqualTo(500);
        assertThat(answer.message()).isEqualTo("internal error");
        assertThat(answer.text()).contains("\"id\":").doesNotContain("secret");
    }

    @Test
    void middlewareIsMetInItsOrderThatForTheApiInsideAndSeesReplies() {
        ApiClient client = client(builder()
                .apiMiddleware(noting("api-1"))
                .middleware(noting("root-1"))
                .middleware(noting("root-2"))
                .apiMiddleware(noting("api-2")));

        client.get("/v2/apps/NONE");
        assertThat(seen)
                .containsExactly(
                        "root-1", "root-2", "api-1", "api-2", "api-2 404", "api-1 404", "root-2 404", "root-1 404");
        seen.clear();
        client.get("/version");
        assertThat(seen).containsExactly("root-1", "root-2", "root-2 200", "root-1 200");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/v2/apps", "/%76%32/apps", "/v2", "/v2/", "/v2/nothing", "/v2/openapi.json"})
    void whatGuardsTheApiIsNotPassedByHowAPathIsWritten(String path) {
        ApiClient client = client(builder()
                .apiMiddleware(Stage.around(
                        (exchange, next) -> Mono.error(new RefusedException(401, "who: unknown (expected: known)")))));

        assertThat(client.get(path).status()).isEqualTo(401);
        assertThat(client.get("/version").status()).isEqualTo(200);
    }

    @Test
    void middlewareMayAnswerItself() {
        ApiClient client =
                client(builder().middleware(Stage.around((exchange, next) -> Mono.just(HttpReply.text(202, "mine")))));

        assertThat(client.get("/v2/apps").text()).isEqualTo("mine");
    }

    @Test
    void aFailureOfMiddlewareIsMaskedUnlessItIsMeantToBeSeen() {
        for (boolean thrown : List.of(true, false)) {
            isMasked(client(builder().middleware(failing(thrown))).get("/version"));
            isMasked(client(builder().apiMiddleware(failing(thrown))).get("/v2/apps"));
        }
        isMasked(client(builder().middleware(Stage.around((exchange, next) -> Mono.empty())))
                .get("/version"));
        Answer shown = client(builder()
                        .middleware(Stage.around(
                                (exchange, next) -> Mono.error(new FunctionException(ErrorKind.BUSY, "busy")))))
                .get("/version");
        assertThat(shown.status()).isEqualTo(503);
        assertThat(shown.message()).isEqualTo("busy");
    }

    @Test
    void endpointsAreAddedUnderTheVersionAndTheMoreLiteralPathWins() {
        ApiClient client = client(builder()
                .endpoint(
                        "GET",
                        "/apps/{app}/{what}",
                        request -> Mono.just(HttpReply.text(
                                200,
                                request.parameter("app") + " " + request.parameter("what") + " " + request.query("q"))))
                .endpoint("GET", "/apps/{app}/usage", request -> Mono.just(HttpReply.text(200, "usage")))
                .endpoint(
                        "GET",
                        "/apps/all",
                        request -> request.store()
                                .apps(null, new PageRequest(null, 1))
                                .map(page ->
                                        HttpReply.text(200, page.items().get(0).name())))
                .endpoint(
                        "PATCH",
                        "/apps/{app_id}",
                        request -> request.exchange().body().asString(100).map(text -> HttpReply.text(200, text)))
                .endpoint("GET", "/broken", request -> Mono.error(new IllegalStateException("secret"))));
        store.createApp(App.named("shop")).block();

        assertThat(client.get("/v2/apps/a%2Fb/c?q=%C3%A4+1").text()).isEqualTo("a/b c \u00e4 1");
        assertThat(client.get("/v2/apps/a/usage").text()).isEqualTo("usage");
        assertThat(client.get("/v2/apps/all").text()).isEqualTo("shop");
        assertThat(client.call("PATCH", "/v2/apps/a", "body".getBytes(StandardCharsets.UTF_8))
                        .text())
                .isEqualTo("body");
        assertThat(client.call("POST", "/v2/apps/a", null).fields().get("allow"))
                .contains("PATCH", "DELETE");
        isMasked(client.get("/v2/broken"));
    }

    @Test
    void listenersAreCalledAroundWhatIsDoneAndMayForbidIt() {
        StoreListener forbidding = new StoreListener() {
            @Override
            public Mono<App> beforeAppCreate(App app) {
                seen.add("before " + app.name());
                return app.name().equals("broken")
                        ? Mono.error(new IllegalStateException("secret"))
                        : Mono.error(new FunctionException(ErrorKind.CONFLICT, "name: reserved (expected: another)"));
            }
        };
        ApiClient client = client(builder().listener(forbidding));

        Answer refused = client.post("/v2/apps", "{'name':'not valid'}");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.message()).isEqualTo("name: reserved (expected: another)");
        isMasked(client.post("/v2/apps", "{'name':'broken'}"));
        assertThat(seen).containsExactly("before not valid", "before broken");
        assertThat(client.get("/v2/apps").text()).isEqualTo("{\"items\":[]}");
    }

    @Test
    void anExtensionAddsAllThatItHas() {
        ApiClient client = client(builder().extension(new ApiExtension() {
            @Override
            public String name() {
                return "usage";
            }

            @Override
            public void setUp(FunctionsApi.Builder api) {
                api.middleware(noting("usage"))
                        .endpoint("GET", "/usage", request -> Mono.just(HttpReply.text(200, "none")));
            }
        }));

        assertThat(client.get("/v2/usage").text()).isEqualTo("none");
        assertThat(seen).containsExactly("usage", "usage 200");
    }

    @Test
    void whatCannotBeAddedIsRefusedWhenItIs() {
        ApiEndpoint none = request -> Mono.empty();
        ApiExtension broken = new ApiExtension() {
            @Override
            public String name() {
                return "broken";
            }

            @Override
            public void setUp(FunctionsApi.Builder api) {
                throw new IllegalStateException("no");
            }
        };

        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().endpoint("GET", "apps", none))
                .withMessage("path: apps (expected: one that begins with a slash)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().endpoint("GET", "/{a}/{a}", none))
                .withMessageStartingWith("path: /v2/{a}/{a} (expected: segments");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().endpoint("get", "/a", none))
                .withMessageStartingWith("method: get (expected: GET");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().endpoint("GET", "/apps/{id}", none).build())
                .withMessage("path: GET /v2/apps/{app_id} (expected: another than /v2/apps/{id})");
        assertThatThrownBy(() -> builder().extension(broken))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("extension: broken failed");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().prefix("faas/"))
                .withMessageStartingWith("prefix: faas/ (expected: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().publicUrl(URI.create("ftp://a")))
                .withMessageStartingWith("publicUrl: ftp://a (expected: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().allowedOrigins("app.example"))
                .withMessageStartingWith("origin: app.example (expected: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder().maxBodyBytes(0))
                .withMessage("maxBodyBytes: 0 (expected: at least 1)");
    }

    @Test
    void theObserverIsToldOfEveryRequestOnceByTheNameOfItsPath() {
        AtomicLong now = new AtomicLong();
        ApiObserver observer = (method, route, status, nanos) -> {
            seen.add(method + " " + route + " " + status + " " + nanos);
            throw new IllegalStateException("an observer that fails");
        };
        FunctionsApi api = builder()
                .observer(observer)
                .time(Clock.systemUTC(), () -> now.getAndAdd(7))
                .middleware(Stage.around((exchange, next) ->
                        exchange.head().path().equals("/hang") ? Mono.never() : next.call(exchange)))
                .build();
        ApiClient client = new ApiClient(api);

        client.get("/v2/apps/NONE");
        client.call("PURGE", "/v2/fns/x", null);
        client.get("/v3/secret");
        client.get("/v2/apps/%ff");
        api.call(TestExchange.get("/hang")).subscribe().dispose();

        assertThat(seen)
                .containsExactly(
                        "GET /v2/apps/{app_id} 404 7",
                        "other /v2/fns/{fn_id} 405 7",
                        "GET other 404 7",
                        "GET other 400 7",
                        "GET other 444 7");
    }

    @Test
    void theServerIsStoppedOnlyWhereThatIsWantedAndNotByBrowsers() {
        AtomicInteger stops = new AtomicInteger();
        ApiClient client = client(builder().shutdown(stops::incrementAndGet));

        assertThat(client.get("/shutdown", "sec-fetch-site", "cross-site").status())
                .isEqualTo(403);
        assertThat(client.get("/shutdown", "origin", "http://a").status()).isEqualTo(403);
        client.call("HEAD", "/shutdown", null);
        assertThat(stops).hasValue(0);
        assertThat(client.get("/shutdown").status()).isEqualTo(200);
        assertThat(stops).hasValue(1);
    }
}
