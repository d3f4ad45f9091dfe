package io.headgate.benchmarks.function;

import io.headgate.function.Functions;
import io.headgate.function.dispatch.DispatchSettings;
import io.headgate.function.dispatch.DispatchStats.QueueStats;
import io.headgate.function.dispatch.MachineBudget;
import io.headgate.function.driver.local.LocalDriver;
import io.headgate.function.driver.process.ProcessDriver;
import io.headgate.function.driver.process.ProcessDriverSpec;
import io.headgate.function.model.Annotations;
import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnLimits;
import io.headgate.function.model.Trigger;
import io.headgate.function.store.FunctionStore;
import io.headgate.function.store.MemoryFunctionStore;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.Listener;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import reactor.core.publisher.Mono;

/** The process of the gateway: a listener, triggers, functions of Node.js and one in Java, as anybody would set them up. */
final class GatewayMain {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final byte[] HELLO = "{\"message\":\"Hello Fn\"}".getBytes(StandardCharsets.UTF_8);
    private static final Fields JSON = Fields.of("content-type", "application/json");

    private final FunctionStore store = MemoryFunctionStore.create();
    private final Gateway gateway = Gateway.create();
    private final Functions functions;
    private final Listener listener;
    private final Listener plain;

    private GatewayMain(Path root) {
        ProcessDriver node = get(ProcessDriver.open(ProcessDriverSpec.DEFAULTS.withNodeRoot(root)));
        LocalDriver local = LocalDriver.builder()
                .function("local:hello", call -> Mono.just(HELLO))
                .build();
        functions = get(Functions.builder(store, DispatchSettings.of(MachineBudget.of(16 * 1024, 64)))
                .agent(agent -> agent.driver(node).driver(local))
                .open());
        App app = get(store.createApp(App.named("bench")));
        add(app, "hello1", "node:hello", 1, 300);
        add(app, "hello4", "node:hello", 4, 300);
        add(app, "overlap", "node:overlap", 4, 300);
        add(app, "cold", "node:hello", 1, 1);
        add(app, "local", "local:hello", 1, 300);
        listener = get(gateway.listen("127.0.0.1", 0, functions));
        plain = get(gateway.listen("127.0.0.1", 0, GatewayMain::hello));
    }

    private static <T> T get(Mono<T> mono) {
        return Objects.requireNonNull(mono.block(LONG));
    }

    /** The same reply without functions. */
    private static Mono<HttpReply> hello(HttpExchange exchange) {
        return exchange.body().aggregate(1 << 20).map(body -> {
            body.release();
            return HttpReply.of(200, JSON, Body.of(Unpooled.wrappedBuffer(HELLO)));
        });
    }

    private void add(App app, String name, String image, int most, int idleSeconds) {
        Fn plainFn = Fn.of(app.id(), name, image);
        Fn fn = get(store.createFn(new Fn(
                "",
                app.id(),
                name,
                image,
                Fn.DEFAULT_MEMORY_MB,
                Fn.DEFAULT_TIMEOUT_SECONDS,
                idleSeconds,
                Map.of(),
                new Annotations(Map.of(FnLimits.MAX_INSTANCES, Integer.toString(most))),
                plainFn.createdAt(),
                plainFn.updatedAt())));
        get(store.createTrigger(Trigger.of(app.id(), fn.id(), name, "/" + name)));
    }

    /**
     * Runs until its input ends.
     *
     * @param args the directory of the functions
     * @throws Exception when it cannot be opened
     */
    public static void main(String[] args) throws Exception {
        GatewayMain main = new GatewayMain(Path.of(args[0]));
        Child.serve(main::perform);
        main.functions.closeAsync(LONG).block(LONG);
        main.gateway.closeAsync().block(LONG);
        System.exit(0);
    }

    private String perform(String[] words) throws IOException {
        return switch (words[0]) {
            case "port" -> "port=" + listener.port() + " plain=" + plain.port();
            case "usage" -> Usage.now().text();
            case "stopped" -> stopped(words[1]);
            default -> throw new IOException(words[0] + ": unknown (expected: port, usage or stopped)");
        };
    }

    /** Waits until no instance of a function is left. */
    private String stopped(String name) {
        while (functions.stats().queues().stream()
                .filter(queue -> queue.workload().fn().name().equals(name))
                .anyMatch(GatewayMain::hasInstances)) {
            LockSupport.parkNanos(10_000_000);
        }
        return "stopped";
    }

    private static boolean hasInstances(QueueStats queue) {
        return queue.starting() + queue.idle() + queue.paused() + queue.busy() + queue.stopping() > 0;
    }
}
