package io.headgate.function.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.model.Annotations;
import io.headgate.function.model.App;
import io.headgate.function.model.CallType;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FunctionException;
import io.headgate.function.model.Trigger;
import io.headgate.function.store.Catalog;
import io.headgate.function.store.FunctionStore;
import io.headgate.function.store.ListenedStore;
import io.headgate.function.store.MemoryFunctionStore;
import io.headgate.function.store.StoreListener;
import io.headgate.http.Body;
import io.headgate.http.ConnectionInfo;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedBody;
import io.netty.channel.DefaultEventLoop;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

class InvocationsTest {

    private static final Duration LONG = Duration.ofSeconds(10);

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final FunctionStore store = MemoryFunctionStore.create();
    private final Script script = new Script();
    private final List<Invocation> recorded = new ArrayList<>();
    private App app;
    private Fn fn;

    @BeforeEach
    void anAppWithAFunction() {
        app = store.createApp(App.named("shop")).block(LONG);
        fn = store.createFn(Fn.of(app.id(), "one", "image")).block(LONG);
    }

    @AfterEach
    void nothingLeaks() {
        allocator.assertNoLeaks();
    }

    private Trigger trigger(String source) {
        return store.createTrigger(Trigger.of(app.id(), fn.id(), "t" + source.hashCode(), source))
                .block(LONG);
    }

    private Fn annotated(String key, String json) {
        Fn plain = Fn.of(app.id(), "annotated", "image");
        return store.createFn(new Fn(
                        "",
                        app.id(),
                        plain.name(),
                        plain.image(),
                        128,
                        30,
                        30,
                        Map.of(),
                        new Annotations(Map.of(key, json)),
                        plain.createdAt(),
                        plain.updatedAt()))
                .block(LONG);
    }

    private Invocations service(InvocationSettings settings) {
        return Invocations.builder(Catalog.of(store), script)
                .settings(settings)
                .async(this::record)
                .build();
    }

    private Mono<Void> record(Invocation call) {
        return call.payload().asString(100).doOnNext(text -> recorded.add(call)).then();
    }

    private HttpReply call(String method, String target, Fields fields, String payload) {
        return call(InvocationSettings.DEFAULTS, method, target, fields, payload);
    }

    private HttpReply call(InvocationSettings settings, String method, String target, Fields fields, String payload) {
        Body body = payload.isEmpty() ? Body.empty() : Body.of(allocator.utf8(payload));
        RequestHead head = RequestHead.of(method, "shop.example:8080", target).withFields(fields);
        return service(settings).call(HttpExchange.of(head, body)).block(LONG);
    }

    private HttpReply direct(Fields fields, String payload) {
        return call("POST", "/invoke/" + fn.id(), fields, payload);
    }

    private static String text(HttpReply reply) {
        return reply.body().asString(1 << 20).block(LONG);
    }

    private static void isError(HttpReply reply, int status) {
        assertThat(reply.status()).isEqualTo(status);
        assertThat(text(reply)).contains("\"message\":");
    }

    // ---- direct calls

    @Test
    void aDirectCallPassesFieldsBothWaysButThoseOfTheConnection() {
        script.answer = Fields.of(
                "x-reply", "1", "Fn-Http-Status", "404", "fn-call-id", "forged", "keep-alive", "5", "trailer", "x");
        HttpReply reply = direct(
                Fields.of(
                        "x-a",
                        "1",
                        "X-A",
                        "2",
                        "te",
                        "gzip",
                        "upgrade",
                        "h2c",
                        "proxy-authorization",
                        "p",
                        "fn-intent",
                        "mine",
                        "connection",
                        "x-secret",
                        "x-secret",
                        "s",
                        "content-length",
                        "2"),
                "in");

        assertThat(script.fields()).isEqualTo(Fields.of("x-a", "1", "X-A", "2", "fn-intent", "mine"));
        assertThat(script.payload).isEqualTo("in");
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.fields())
                .isEqualTo(Fields.of("Fn-Call-Id", script.id(), "x-reply", "1", "Fn-Http-Status", "404"));
        assertThat(text(reply)).isEqualTo("out");
    }

    @Test
    void trailersMayBeAskedFor() {
        text(direct(Fields.of("te", "trailers"), ""));
        assertThat(script.fields().get("te")).isEqualTo("trailers");
    }

    @Test
    void aDirectCallIsAPost() {
        HttpReply reply = call("GET", "/invoke/" + fn.id(), Fields.empty(), "");
        assertThat(reply.fields().get("allow")).isEqualTo("POST");
        isError(reply, 405);
    }

    @Test
    void whatIsNotThereIsNotFound() {
        isError(call("POST", "/invoke/none", Fields.empty(), "left"), 404);
        isError(call("POST", "/invoke/", Fields.empty(), ""), 404);
        isError(call("POST", "/invoke/" + fn.id() + "/more", Fields.empty(), ""), 404);
        isError(call("GET", "/t/none/x", Fields.empty(), ""), 404);
        isError(call("GET", "/t/shop/x", Fields.empty(), ""), 404);
        isError(call("GET", "/t//x", Fields.empty(), ""), 404);
        isError(call("GET", "/else", Fields.empty(), ""), 404);
        isError(call("GET", "/t/%ff/x", Fields.empty(), ""), 400);
        assertThat(script.calls).isEmpty();
    }

    // ---- triggers

    @Test
    void aTriggerTellsTheRequestAsAWhole() {
        trigger("/orders");
        HttpReply reply = call(
                "PUT",
                "/t/shop/orders?a=b",
                Fields.of(
                        "content-type",
                        "text/plain",
                        "x-two-words",
                        "1",
                        "X-TWO-WORDS",
                        "2",
                        "fn-http-h-evil",
                        "e",
                        "fn-intent",
                        "evil",
                        "keep-alive",
                        "5"),
                "in");

        assertThat(script.fields())
                .isEqualTo(Fields.of(
                        "Fn-Intent", "httprequest",
                        "Fn-Http-Method", "PUT",
                        "Fn-Http-Request-Url", "http://shop.example:8080/t/shop/orders?a=b",
                        "Content-Type", "text/plain",
                        "Fn-Http-H-X-Two-Words", "1",
                        "Fn-Http-H-X-Two-Words", "2",
                        "Fn-Http-H-Fn-Http-H-Evil", "e",
                        "Fn-Http-H-Fn-Intent", "evil"));
        assertThat(script.fields().name(4)).hasToString("Fn-Http-H-X-Two-Words");
        assertThat(text(reply)).isEqualTo("out");
    }

    @Test
    void theClientOfATriggerSeesWhatTheFunctionPrefixed() {
        trigger("/orders");
        script.answer = Fields.of(
                "Fn-Http-Status",
                "202",
                "Content-Type",
                "text/css",
                "Fn-Http-H-X-Foo",
                "1",
                "fn-http-h-x-foo",
                "2",
                "X-Hidden",
                "1",
                "Fn-Fdk-Version",
                "1",
                "Fn-Http-H-Transfer-Encoding",
                "chunked",
                "Fn-Http-H-Content-Length",
                "99",
                "Fn-Http-H-Content-Type",
                "text/evil",
                "Fn-Http-H-Fn-Call-Id",
                "evil",
                "Fn-Http-H-",
                "nothing");
        HttpReply reply = call("GET", "/t/shop/orders", Fields.empty(), "");

        assertThat(reply.status()).isEqualTo(202);
        assertThat(reply.fields())
                .isEqualTo(
                        Fields.of("Fn-Call-Id", script.id(), "Content-Type", "text/css", "X-Foo", "1", "x-foo", "2"));
        assertThat(text(reply)).isEqualTo("out");
    }

    @Test
    void aStatusThatIsNoNumberIsNone() {
        trigger("/orders");
        for (String status : List.of("abc", "0", "-5", "", "99999999999")) {
            script.answer = Fields.of("Fn-Http-Status", status);
            HttpReply reply = call("GET", "/t/shop/orders", Fields.empty(), "");
            assertThat(reply.status()).isEqualTo(200);
            reply.discard();
        }
        script.answer = Fields.of("Fn-Http-Status", "101");
        isError(call("GET", "/t/shop/orders", Fields.empty(), ""), 502);
    }

    @Test
    void anAppAloneIsItsRoot() {
        trigger("/");
        text(call("GET", "/t/shop", Fields.empty(), ""));
        text(call("GET", "/t/shop/", Fields.empty(), ""));
        text(call("GET", "/t/shop?x=/y", Fields.empty(), ""));
        assertThat(script.calls).hasSize(3);
    }

    @Test
    void parametersOfThePathAreFields() {
        trigger("/orders/{order-id}");
        text(call("GET", "/t/shop/orders/7", Fields.of("fn-http-param-order-id", "8"), ""));
        assertThat(script.fields().all("Fn-Http-Param-Order-Id")).containsExactly("7");
    }

    // ---- failures

    @Test
    void failuresCarryTheIdOfTheCall() {
        script.failure = new FunctionException(ErrorKind.TIMED_OUT, "too late");
        HttpReply reply = direct(Fields.empty(), "in");
        assertThat(reply.fields().get("fn-call-id")).isEqualTo(script.id());
        isError(reply, 504);
        script.failure = new IllegalStateException("secret");
        HttpReply masked = direct(Fields.empty(), "in");
        assertThat(masked.status()).isEqualTo(500);
        assertThat(text(masked)).doesNotContain("secret");
    }

    @Test
    void aFailureAtTheEndStillChangesTheStatus() {
        ScriptedBody body = ScriptedBody.create();
        script.output = body;
        body.emit(allocator.utf8("begin")).fail(new FunctionException(ErrorKind.FUNCTION_FAILED, "cut"));
        isError(direct(Fields.empty(), ""), 502);
    }

    @Test
    void aRequestBeyondTheBoundIsTooLarge() {
        InvocationSettings small = InvocationSettings.DEFAULTS.withMaxRequestBytes(4);
        isError(call(small, "POST", "/invoke/" + fn.id(), Fields.empty(), "12345"), 413);
        ScriptedBody unknown = ScriptedBody.create().emit(allocator.utf8("123")).emit(allocator.utf8("45"));
        RequestHead head = RequestHead.of("POST", "a", "/invoke/" + fn.id());
        isError(service(small).call(HttpExchange.of(head, unknown)).block(LONG), 413);
        assertThat(script.calls).isEmpty();
    }

    @Test
    void aReplyBeyondTheBoundIsAFailureOfTheFunction() {
        script.output = Body.of(allocator.utf8("12345"));
        InvocationSettings small = InvocationSettings.DEFAULTS.withMaxReplyBytes(4);
        isError(call(small, "POST", "/invoke/" + fn.id(), Fields.empty(), ""), 502);
    }

    // ---- bodies

    @Test
    void bodiesPassAsTheyComeWhenTheFunctionWantsThat() {
        Fn streaming = annotated("headgate.io/stream", "true");
        ScriptedBody up = ScriptedBody.create();
        ScriptedBody down = ScriptedBody.create();
        script.output = down;
        script.reads = false;
        RequestHead head = RequestHead.of("POST", "a", "/invoke/" + streaming.id());
        HttpReply reply = service(InvocationSettings.DEFAULTS)
                .call(HttpExchange.of(head, up))
                .block(LONG);

        assertThat(script.last().payload()).isSameAs(up);
        assertThat(reply.body()).isSameAs(down);
        assertThat(up.subscriptions()).isZero();
        up.discard();
        down.discard();
    }

    @Test
    void theClientIsAskedForABodyThatItHoldsBack() {
        List<ReplyHead> interim = new ArrayList<>();
        RequestHead head =
                RequestHead.of("POST", "a", "/invoke/" + fn.id()).withFields(Fields.of("expect", "100-continue"));
        HttpExchange exchange =
                HttpExchange.of(head, Body.of(allocator.utf8("in"))).withInterim(interim::add);
        text(service(InvocationSettings.DEFAULTS).call(exchange).block(LONG));
        assertThat(interim).containsExactly(ReplyHead.CONTINUE);
        assertThat(script.fields().contains("expect")).isFalse();
        assertThat(exchange.connection()).isSameAs(ConnectionInfo.NONE);
    }

    // ---- callers that do not wait

    @Test
    void aDetachedCallIsAnsweredWhenItIsAboutToBeSent() {
        Sinks.Empty<Void> start = Sinks.empty();
        ScriptedBody output = ScriptedBody.create();
        script.output = output;
        script.start = start;
        AtomicReference<@Nullable HttpReply> answer = new AtomicReference<>();
        HttpExchange exchange = detached();
        Disposable client = service(InvocationSettings.DEFAULTS).call(exchange).subscribe(answer::set);
        assertThat(answer.get()).isNull();

        start.tryEmitEmpty();
        assertThat(answer.get().status()).isEqualTo(202);
        assertThat(answer.get().body().isEmpty()).isTrue();
        assertThat(answer.get().fields()).isEqualTo(Fields.of("Fn-Call-Id", script.id()));
        client.dispose();
        assertThat(script.last().type()).isEqualTo(CallType.DETACHED);
        output.emit(allocator.utf8("dropped")).complete();
        assertThat(output.end()).isEqualTo(ScriptedBody.End.COMPLETED);
    }

    private HttpExchange detached() {
        RequestHead head =
                RequestHead.of("POST", "a", "/invoke/" + fn.id()).withFields(Fields.of("fn-invoke-type", "detached"));
        return HttpExchange.of(head, Body.of(allocator.utf8("in")));
    }

    @Test
    void aDetachedCallThatCannotStartSaysSo() {
        script.failure = new FunctionException(ErrorKind.BUSY, "full");
        isError(service(InvocationSettings.DEFAULTS).call(detached()).block(LONG), 503);
    }

    @Test
    void aDetachedCallIsGivenUpWhenItsCallerLeavesBeforeTheStart() {
        script.start = Sinks.empty();
        Disposable client =
                service(InvocationSettings.DEFAULTS).call(detached()).subscribe();
        client.dispose();
        assertThat(script.cancels).isOne();
        script.last().payload().discard();
    }

    @Test
    void anAsynchronousCallIsRecordedBeforeItIsAnswered() {
        HttpReply reply = direct(Fields.of("Fn-Invoke-Type", "async"), "in");
        assertThat(reply.status()).isEqualTo(202);
        assertThat(recorded).hasSize(1);
        String id = recorded.get(0).id();
        assertThat(recorded.get(0).type()).isEqualTo(CallType.ASYNC);
        assertThat(reply.fields().get("fn-call-id")).isEqualTo(id);
        assertThat(text(reply)).isEqualTo("{\"call_id\":\"" + id + "\"}");
        assertThat(script.calls).isEmpty();
    }

    @Test
    void aFunctionMayWantToBeCalledAsynchronouslyAndADirectCallerDecidesOtherwise() {
        Fn later = annotated("headgate.io/async", "true");
        assertThat(call("POST", "/invoke/" + later.id(), Fields.empty(), "in").status())
                .isEqualTo(202);
        assertThat(recorded).hasSize(1);
        HttpReply now = call("POST", "/invoke/" + later.id(), Fields.of("fn-invoke-type", "sync"), "in");
        assertThat(text(now)).isEqualTo("out");
    }

    @Test
    void clientsOfTriggersHaveNoSay() {
        trigger("/orders");
        assertThat(text(call("POST", "/t/shop/orders", Fields.of("fn-invoke-type", "async"), "in")))
                .isEqualTo("out");
        assertThat(recorded).isEmpty();
    }

    @Test
    void otherWaysOfCallingAreRefused() {
        isError(direct(Fields.of("fn-invoke-type", "later"), "in"), 400);
        Invocations without = Invocations.builder(Catalog.of(store), script).build();
        RequestHead head =
                RequestHead.of("POST", "a", "/invoke/" + fn.id()).withFields(Fields.of("fn-invoke-type", "async"));
        isError(
                without.call(HttpExchange.of(head, Body.of(allocator.utf8("in"))))
                        .block(LONG),
                501);
    }

    /** An invoker that does what a test says. */
    private static final class Script implements Invoker {

        private final List<Invocation> calls = new ArrayList<>();
        private Fields answer = Fields.empty();
        private @Nullable Body output;
        private @Nullable Throwable failure;
        private Sinks.@Nullable Empty<Void> start;
        private boolean reads = true;
        private String payload = "";
        private int cancels;

        Invocation last() {
            return calls.get(calls.size() - 1);
        }

        Fields fields() {
            return last().fields();
        }

        String id() {
            return last().id();
        }

        @Override
        public Mono<InvocationReply> invoke(Invocation call) {
            return Mono.defer(() -> {
                calls.add(call);
                if (failure != null) {
                    call.payload().discard();
                    return Mono.error(failure);
                }
                return start == null
                        ? run(call)
                        : start.asMono().then(Mono.defer(() -> run(call))).doOnCancel(() -> cancels++);
            });
        }

        private Mono<InvocationReply> run(Invocation call) {
            call.watch().started(true, 0);
            Mono<String> input = reads ? call.payload().asString(100) : Mono.just("");
            return input.map(text -> {
                payload = text;
                return new InvocationReply(answer, output == null ? Body.utf8("out") : output);
            });
        }
    }

    @Test
    void aCallGoesOnWhereItsRequestCameInThoughItsFunctionHadToBeRead() throws Exception {
        Sinks.Empty<Void> read = Sinks.empty();
        FunctionStore slow = ListenedStore.of(store, List.of(new StoreListener() {
            @Override
            public Mono<Void> afterAppGet(App found) {
                return read.asMono();
            }
        }));
        DefaultEventLoop loop = new DefaultEventLoop();
        CompletableFuture<Boolean> isThere = new CompletableFuture<>();
        Invocations service = Invocations.builder(Catalog.of(slow), invocation -> {
                    isThere.complete(loop.inEventLoop());
                    return Mono.just(new InvocationReply(Fields.empty(), Body.empty()));
                })
                .build();
        RequestHead head = RequestHead.of("POST", "shop.example", "/invoke/" + fn.id());
        loop.submit(() -> service.call(HttpExchange.of(head, Body.empty())).subscribe())
                .sync();
        read.tryEmitEmpty();

        assertThat(isThere).succeedsWithin(LONG).isEqualTo(true);
        loop.shutdownGracefully(0, 0, TimeUnit.SECONDS).sync();
    }
}
