package io.headgate.function.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.model.Annotations;
import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.Trigger;
import io.headgate.function.store.Catalog;
import io.headgate.function.store.FunctionStore;
import io.headgate.function.store.MemoryFunctionStore;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.test.LeakTrackingAllocator;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Invocations of one function of one app, with an invoker that does what a test says. */
abstract class InvocationsTestBase {

    static final Duration LONG = Duration.ofSeconds(10);

    final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    final FunctionStore store = MemoryFunctionStore.create();
    final Script script = new Script();
    final List<Invocation> recorded = new ArrayList<>();
    App app;
    Fn fn;

    @BeforeEach
    void anAppWithAFunction() {
        app = store.createApp(App.named("shop")).block(LONG);
        fn = store.createFn(Fn.of(app.id(), "one", "image")).block(LONG);
    }

    @AfterEach
    void nothingLeaks() {
        allocator.assertNoLeaks();
    }

    Trigger trigger(String source) {
        return store.createTrigger(Trigger.of(app.id(), fn.id(), "t" + source.hashCode(), source))
                .block(LONG);
    }

    Fn annotated(String key, String json) {
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

    Invocations service(InvocationSettings settings) {
        return Invocations.builder(Catalog.of(store), script)
                .settings(settings)
                .async(this::record)
                .build();
    }

    Mono<Void> record(Invocation call) {
        return call.payload().asString(100).doOnNext(text -> recorded.add(call)).then();
    }

    HttpReply call(String method, String target, Fields fields, String payload) {
        return call(InvocationSettings.DEFAULTS, method, target, fields, payload);
    }

    HttpReply call(InvocationSettings settings, String method, String target, Fields fields, String payload) {
        Body body = payload.isEmpty() ? Body.empty() : Body.of(allocator.utf8(payload));
        RequestHead head = RequestHead.of(method, "shop.example:8080", target).withFields(fields);
        return service(settings).call(HttpExchange.of(head, body)).block(LONG);
    }

    HttpReply direct(Fields fields, String payload) {
        return call("POST", "/invoke/" + fn.id(), fields, payload);
    }

    static String text(HttpReply reply) {
        return reply.body().asString(1 << 20).block(LONG);
    }

    static void isError(HttpReply reply, int status) {
        assertThat(reply.status()).isEqualTo(status);
        assertThat(text(reply)).contains("\"message\":");
    }

    /** An invoker that does what a test says. */
    static final class Script implements Invoker {

        final List<Invocation> calls = new ArrayList<>();
        Fields answer = Fields.empty();

        @Nullable Body output;

        @Nullable Throwable failure;

        Sinks.@Nullable Empty<Void> start;
        boolean reads = true;
        String payload = "";
        int cancels;
        final List<Invocation> dropped = new ArrayList<>();

        @Nullable Throwable whyDropped;

        @Override
        public void dropped(Invocation call, @Nullable Throwable why) {
            dropped.add(call);
            whyDropped = why;
        }

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
}
