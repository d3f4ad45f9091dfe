package io.headgate.function.r2dbc;

import static io.headgate.function.r2dbc.Opened.LIMIT;
import static io.headgate.function.r2dbc.Opened.get;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.Functions;
import io.headgate.function.async.AsyncSettings;
import io.headgate.function.async.CallStore;
import io.headgate.function.dispatch.DispatchSettings;
import io.headgate.function.dispatch.MachineBudget;
import io.headgate.function.driver.local.LocalDriver;
import io.headgate.function.model.App;
import io.headgate.function.model.CallRecord;
import io.headgate.function.model.CallStatus;
import io.headgate.function.model.Fn;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.retry.Backoff;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Two whole gateways on one PostgreSQL: what is accepted by one that closes is run by the other. */
class PostgresFunctionsTest {

    private static final int CALLS = 40;
    private static final Duration SOME_MILLIS = Duration.ofMillis(20);

    private final Set<String> tried = ConcurrentHashMap.newKeySet();
    private final Set<String> running = ConcurrentHashMap.newKeySet();
    private final Set<String> twice = ConcurrentHashMap.newKeySet();

    @Test
    void callsOfAGatewayThatClosesAreRunByTheOther() throws Exception {
        String url = Postgres.start().database();
        Database one = get(Database.open(url));
        Database other = get(Database.open(url));
        Functions closing = get(functions(one));
        Functions staying = get(functions(other));
        App app = get(closing.store().createApp(App.named("texts")));
        Fn fn = get(closing.store().createFn(Fn.of(app.id(), "upper", "local:upper")));

        Flux.range(0, CALLS)
                .flatMap(i -> accept(i % 2 == 0 ? closing : staying, fn, "call" + i), 8)
                .blockLast(LIMIT);
        get(closing.closeAsync(LIMIT));
        get(one.close());
        CallStore calls = new R2dbcCallStore(other);
        Opened.patiently().until(() -> get(calls.open(fn.id(), 1)) == 0);

        List<CallRecord> ended = get(calls.calls(new CallStore.Filter(fn.id(), null, null, null), null, CALLS + 1))
                .items();
        assertThat(ended).hasSize(CALLS).allMatch(call -> call.status() == CallStatus.SUCCESS);
        assertThat(ended).as("each failed at first").allMatch(call -> call.attempts() >= 2);
        assertThat(ended.stream()
                        .map(call ->
                                new String(get(calls.result(fn.id(), call.id())).body(), StandardCharsets.UTF_8)))
                .allMatch(result -> result.startsWith("CALL"))
                .doesNotHaveDuplicates();
        assertThat(twice).as("run twice at a time").isEmpty();
        get(staying.closeAsync(LIMIT));
        get(other.close());
    }

    private Mono<Functions> functions(Database database) {
        LocalDriver driver = LocalDriver.builder()
                .function("local:upper", call -> upper(call.text()))
                .build();
        return Functions.builder(
                        new R2dbcFunctionStore(database, Clock.systemUTC()),
                        DispatchSettings.of(MachineBudget.of(1024, 2)).withFreezeAfter(null))
                .calls(new R2dbcCallStore(database))
                .agent(agent -> agent.driver(driver))
                .async(async -> async.settings(AsyncSettings.builder()
                        .concurrency(4)
                        .poll(SOME_MILLIS)
                        .retryBackoff(new Backoff(SOME_MILLIS, SOME_MILLIS, 1))
                        .closeGrace(SOME_MILLIS)
                        .build()))
                .open();
    }

    /** Takes some time, and fails when it is asked for the first time. */
    private Mono<byte[]> upper(String text) {
        if (!running.add(text)) {
            twice.add(text);
        }
        return Mono.delay(SOME_MILLIS)
                .doOnTerminate(() -> running.remove(text))
                .doOnCancel(() -> running.remove(text))
                .map(tick -> {
                    if (tried.add(text)) {
                        throw new IllegalStateException("the first time fails");
                    }
                    return text.toUpperCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
                });
    }

    private static Mono<HttpReply> accept(Functions functions, Fn fn, String payload) {
        RequestHead head =
                new RequestHead("POST", "http", "gateway", "/invoke/" + fn.id(), Fields.of("fn-invoke-type", "async"));
        return functions
                .call(HttpExchange.of(head, Body.utf8(payload)))
                .doOnNext(reply -> assertThat(reply.status()).isEqualTo(202))
                .doOnNext(reply -> reply.body().discard());
    }
}
