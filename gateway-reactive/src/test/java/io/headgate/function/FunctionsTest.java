package io.headgate.function;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.Service.Status;
import io.headgate.function.async.MemoryCallStore;
import io.headgate.function.dispatch.DispatchSettings;
import io.headgate.function.dispatch.DispatchStats;
import io.headgate.function.dispatch.MachineBudget;
import io.headgate.function.driver.local.LocalDriver;
import io.headgate.function.driver.local.LocalFunction;
import io.headgate.function.model.Annotations;
import io.headgate.function.model.App;
import io.headgate.function.model.CallRecord;
import io.headgate.function.model.CallStatus;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FunctionException;
import io.headgate.function.store.FunctionStore;
import io.headgate.function.store.ListenedStore;
import io.headgate.function.store.MemoryFunctionStore;
import io.headgate.function.store.StoreListener;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.Listener;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The parts put together, behind a listener, by a client that knows nothing but HTTP. */
class FunctionsTest {

    private static final Duration LONG = Duration.ofSeconds(10);

    private final FunctionStore store = MemoryFunctionStore.create();
    private final MemoryCallStore calls = new MemoryCallStore();
    private final AtomicInteger flaky = new AtomicInteger();
    private final Sinks.One<byte[]> held = Sinks.one();
    private final LocalDriver driver = LocalDriver.builder()
            .function("local:upper", LocalFunction.ofText(text -> text.toUpperCase(Locale.ROOT)))
            .function(
                    "local:second",
                    call -> flaky.incrementAndGet() == 1
                            ? Mono.error(new IllegalStateException("the first call fails"))
                            : Mono.just("second".getBytes(StandardCharsets.UTF_8)))
            .function("local:held", call -> held.asMono())
            .build();
    private final Gateway gateway = Gateway.create();
    private final HttpClient http = HttpClient.newHttpClient();
    private final JsonMapper json = JsonMapper.shared();

    private Functions functions;
    private Listener listener;

    @BeforeEach
    void open() {
        functions = open(Functions.builder(store, settings()).calls(calls));
        listener = gateway.listen("127.0.0.1", 0, functions).block(LONG);
    }

    private static DispatchSettings settings() {
        return DispatchSettings.of(MachineBudget.of(1024, 2)).withFreezeAfter(null);
    }

    private Functions open(Functions.Builder builder) {
        return builder.agent(agent -> agent.driver(driver)).open().block(LONG);
    }

    @AfterEach
    void close() {
        functions.closeAsync(LONG).block(LONG);
        gateway.closeAsync().block(LONG);
        assertThat(instances(functions)).as("instances").isZero();
    }

    private static int instances(Functions functions) {
        return functions.stats().queues().stream()
                .mapToInt(queue -> queue.starting() + queue.idle() + queue.paused() + queue.busy() + queue.stopping())
                .sum();
    }

    private HttpResponse<String> send(String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + path))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    private String create(String path, String body) throws Exception {
        HttpResponse<String> created = send("POST", path, body, "content-type", "application/json");
        assertThat(created.statusCode()).as(created.body()).isEqualTo(200);
        return json.readTree(created.body()).get("id").asString();
    }

    private String fn(String app, String name, String image, String rest) throws Exception {
        return create(
                "/v2/fns",
                "{\"app_id\":\"" + app + "\",\"name\":\"" + name + "\",\"image\":\"" + image + "\"" + rest + "}");
    }

    @Test
    void whatIsMadeThroughTheApiIsCalledDirectlyAndByItsTrigger() throws Exception {
        String app = create("/v2/apps", "{\"name\":\"texts\"}");
        String fn = fn(app, "upper", "local:upper", "");
        create(
                "/v2/triggers",
                "{\"app_id\":\"" + app + "\",\"fn_id\":\"" + fn
                        + "\",\"name\":\"up\",\"type\":\"http\",\"source\":\"/up\"}");

        HttpResponse<String> direct = send("POST", "/invoke/" + fn, "abc");
        HttpResponse<String> triggered = send("PUT", "/t/texts/up?x=1", "def");

        assertThat(direct.statusCode()).isEqualTo(200);
        assertThat(direct.body()).isEqualTo("ABC");
        assertThat(direct.headers().firstValue("fn-call-id")).isPresent();
        assertThat(triggered.statusCode()).isEqualTo(200);
        assertThat(triggered.body()).isEqualTo("DEF");
    }

    @Test
    void whatIsDeletedIsNotCalledAgain() throws Exception {
        String app = create("/v2/apps", "{\"name\":\"gone\"}");
        String fn = fn(app, "upper", "local:upper", "");
        assertThat(send("POST", "/invoke/" + fn, "a").statusCode()).isEqualTo(200);

        assertThat(send("DELETE", "/v2/apps/" + app, "").statusCode()).isEqualTo(204);

        assertThat(send("POST", "/invoke/" + fn, "a").statusCode()).isEqualTo(404);
    }

    @Test
    void aCallThatNobodyWaitsForIsTriedAgainAndLookedUp() throws Exception {
        String app = create("/v2/apps", "{\"name\":\"later\"}");
        String fn = fn(app, "second", "local:second", "");

        HttpResponse<String> accepted = send("POST", "/invoke/" + fn, "x", "fn-invoke-type", "async");
        assertThat(accepted.statusCode()).as(accepted.body()).isEqualTo(202);
        String call = json.readTree(accepted.body()).get("call_id").asString();

        String path = "/v2/fns/" + fn + "/calls/" + call;
        await().atMost(LONG.multipliedBy(3)).until(() -> status(path).equals("success"));
        assertThat(flaky).hasValue(2);
        assertThat(send("GET", path + "/result", "").body()).isEqualTo("second");
    }

    private String status(String path) throws Exception {
        HttpResponse<String> found = send("GET", path, "");
        JsonNode call = json.readTree(found.body());
        assertThat(found.statusCode()).as(found.body()).isEqualTo(200);
        return call.get("status").asString();
    }

    @Test
    void functionsThatAskForInstancesHaveThemBeforeTheirFirstCallAndNoLongerThanTheyExist() throws Exception {
        String app = create("/v2/apps", "{\"name\":\"warm\"}");
        String fn = fn(app, "upper", "local:upper", ",\"annotations\":{\"headgate.io/min-instances\":2}");
        await().until(() -> instances(functions) == 2);

        assertThat(send("DELETE", "/v2/fns/" + fn, "").statusCode()).isEqualTo(204);
        assertThat(send("POST", "/invoke/" + fn, "").statusCode()).isEqualTo(404);
    }

    @Test
    void functionsThatAreInTheStoreAreWarmWhenItIsOpened() {
        App app = functions.store().createApp(App.named("before")).block(LONG);
        functions.store().createFn(Fn.of(app.id(), "upper", "local:upper")).block(LONG);
        Fn asked = Fn.of(app.id(), "warm", "local:upper");
        functions
                .store()
                .createFn(new Fn(
                        asked.id(),
                        asked.appId(),
                        asked.name(),
                        asked.image(),
                        asked.memoryMb(),
                        asked.timeoutSeconds(),
                        asked.idleTimeoutSeconds(),
                        asked.config(),
                        new Annotations(Map.of("headgate.io/min-instances", "1")),
                        asked.createdAt(),
                        asked.updatedAt()))
                .block(LONG);

        Functions second = open(Functions.builder(store, settings()));
        await().until(() -> instances(second) == 1);
        second.closeAsync(LONG).block(LONG);

        assertThat(instances(second)).isZero();
    }

    @Test
    void aListenerRefusesWhatItDoesNotWant() throws Exception {
        functions.closeAsync(LONG).block(LONG);
        listener.closeAsync().block(LONG);
        functions = open(Functions.builder(store, settings()).listener(new StoreListener() {
            @Override
            public Mono<App> beforeAppCreate(App app) {
                return Mono.error(new FunctionException(ErrorKind.CONFLICT, "no apps on Sundays"));
            }
        }));
        listener = gateway.listen("127.0.0.1", 0, functions).block(LONG);

        HttpResponse<String> refused = send("POST", "/v2/apps", "{\"name\":\"any\"}");

        assertThat(refused.statusCode()).isEqualTo(409);
        assertThat(refused.body()).contains("no apps on Sundays");
        assertThat(send("POST", "/invoke/none", "", "fn-invoke-type", "async").statusCode())
                .isEqualTo(404);
    }

    @Test
    void aCallListenerRefusesCallsHoweverTheyAreMade() throws Exception {
        functions.closeAsync(LONG).block(LONG);
        listener.closeAsync().block(LONG);
        functions = open(Functions.builder(store, settings())
                .calls(new MemoryCallStore())
                .callListener(call -> Mono.error(new FunctionException(
                        ErrorKind.IMPOSSIBLE, "closed: " + call.fn().name()))));
        listener = gateway.listen("127.0.0.1", 0, functions).block(LONG);
        String app = create("/v2/apps", "{\"name\":\"guarded\"}");
        String fn = fn(app, "upper", "local:upper", "");

        HttpResponse<String> refused = send("POST", "/invoke/" + fn, "abc");
        HttpResponse<String> accepted = send("POST", "/invoke/" + fn, "abc", "fn-invoke-type", "async");

        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("closed: upper");
        assertThat(refused.headers().firstValue("fn-call-id")).isPresent();
        String call = json.readTree(accepted.body()).get("call_id").asString();
        await().until(() -> status("/v2/fns/" + fn + "/calls/" + call).equals("error"));
    }

    @Test
    void closingLetsARunningCallEndAndRefusesNewOnes() throws Exception {
        String app = create("/v2/apps", "{\"name\":\"closing\"}");
        String fn = fn(app, "held", "local:held", "");
        var running = http.sendAsync(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + "/invoke/" + fn))
                        .POST(BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
        await().until(() -> functions.stats().queues().stream()
                        .mapToInt(DispatchStats.QueueStats::busy)
                        .sum()
                == 1);

        var closed = functions.closeAsync(LONG).toFuture();
        assertThat(functions.status()).isEqualTo(Status.CLOSED);
        assertThat(send("POST", "/invoke/" + fn, "").statusCode()).isEqualTo(503);
        held.tryEmitValue("done".getBytes(StandardCharsets.UTF_8));

        assertThat(running.get(10, TimeUnit.SECONDS).body()).isEqualTo("done");
        assertThat(closed).succeedsWithin(LONG);
    }

    @Test
    void closingWithoutGraceCutsWhatRuns() throws Exception {
        String app = create("/v2/apps", "{\"name\":\"cut\"}");
        String fn = fn(app, "held", "local:held", "");
        var running = http.sendAsync(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + "/invoke/" + fn))
                        .POST(BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
        await().until(() -> functions.stats().queues().stream().anyMatch(queue -> queue.busy() == 1));

        functions.closeAsync(Duration.ZERO).block(LONG);

        HttpResponse<String> cut = running.get(10, TimeUnit.SECONDS);
        assertThat(cut.statusCode()).isEqualTo(503);
        assertThat(cut.headers().firstValue("retry-after")).hasValue("1");
        assertThat(cut.body()).contains("the server stopped while the function ran");
    }

    @Test
    void anAttemptThatClosingCutsIsGivenBackAndDoesNotCount() throws Exception {
        String app = create("/v2/apps", "{\"name\":\"cut\"}");
        String fn = fn(app, "held", "local:held", "");
        HttpResponse<String> accepted = send("POST", "/invoke/" + fn, "abc", "fn-invoke-type", "async");
        String call = json.readTree(accepted.body()).get("call_id").asString();
        await().until(() -> functions.stats().queues().stream().anyMatch(queue -> queue.busy() == 1));

        // Not together: whichever comes first must not take the run for one that failed.
        functions.agent().closeAsync(Duration.ZERO).block(LONG);
        functions.closeAsync(LONG).block(LONG);

        CallRecord record = calls.call(fn, call).block(LONG);
        assertThat(record.status()).isEqualTo(CallStatus.QUEUED);
        assertThat(record.attempts()).isZero();
    }

    @Test
    void nothingIsAnsweredAnyMoreWhileItCloses() throws Exception {
        Mono<Void> closing = functions.closeAsync(LONG);
        assertThat(send("GET", "/v2/apps", "").statusCode())
                .as("nobody has subscribed")
                .isEqualTo(200);
        assertThat(functions.status()).isEqualTo(Status.OPEN);

        closing.subscribe().dispose(); // which changes nothing
        HttpResponse<String> refused = send("GET", "/v2/apps", "");
        assertThat(refused.statusCode()).isEqualTo(503);
        assertThat(refused.headers().firstValue("retry-after")).hasValue("1");
        closing.block(LONG);
    }

    @Test
    void instancesFollowWhatIsStoredWhateverListenersAndReadsSay() throws Exception {
        functions.closeAsync(LONG).block(LONG);
        listener.closeAsync().block(LONG);
        AtomicBoolean appsCanBeRead = new AtomicBoolean(true);
        FunctionStore unsteady = ListenedStore.of(store, List.of(new StoreListener() {
            @Override
            public Mono<Void> beforeAppGet(String id) {
                return appsCanBeRead.get() ? Mono.empty() : Mono.error(new IllegalStateException("made by the test"));
            }
        }));
        LocalDriver fresh = LocalDriver.builder()
                .function("local:upper", LocalFunction.ofText(text -> text))
                .build();
        functions = Functions.builder(unsteady, settings())
                .agent(agent -> agent.driver(fresh))
                .listener(new StoreListener() {
                    @Override
                    public Mono<Void> afterFnUpdate(Fn fn) {
                        return Mono.error(new FunctionException(ErrorKind.CONFLICT, "too late to say so"));
                    }
                })
                .open()
                .block(LONG);
        listener = gateway.listen("127.0.0.1", 0, functions).block(LONG);
        String app = create("/v2/apps", "{\"name\":\"app\"}");
        appsCanBeRead.set(false);
        String fn = fn(app, "upper", "local:upper", ",\"annotations\":{\"headgate.io/min-instances\":1}");
        assertThat(instances(functions)).isZero();

        appsCanBeRead.set(true);
        HttpResponse<String> updated = send(
                "PUT",
                "/v2/fns/" + fn,
                "{\"annotations\":{\"headgate.io/min-instances\":2}}",
                "content-type",
                "application/json");

        assertThat(updated.statusCode()).isEqualTo(409);
        await().until(() -> instances(functions) == 2);
    }
}
