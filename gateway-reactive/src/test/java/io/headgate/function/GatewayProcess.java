package io.headgate.function;

import io.headgate.function.async.AsyncObserver;
import io.headgate.function.async.AsyncSettings;
import io.headgate.function.dispatch.DispatchSettings;
import io.headgate.function.dispatch.MachineBudget;
import io.headgate.function.driver.process.ProcessDriver;
import io.headgate.function.driver.process.ProcessDriverSpec;
import io.headgate.function.driver.process.ProcessImage;
import io.headgate.function.invoke.AgentSettings;
import io.headgate.function.invoke.Invocation;
import io.headgate.function.invoke.InvocationObserver;
import io.headgate.function.r2dbc.Database;
import io.headgate.function.r2dbc.R2dbcCallStore;
import io.headgate.function.r2dbc.R2dbcFunctionStore;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.Listener;
import io.headgate.retry.Backoff;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import reactor.core.publisher.Mono;

/** A whole gateway with functions in a process of its own, to be killed, or to be ended by SIGTERM. */
final class GatewayProcess {

    /** The image of {@link RecordingFunction}. */
    static final String RECORDER = "java:record";

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** A quarter of it is for clients of HTTP/1.1 that say nothing. */
    private static final Duration GRACE = Duration.ofSeconds(6);

    private GatewayProcess() {}

    /**
     * The URL of the database, the base of the driver, the root of functions for Node.js, how long a call is leased. Prints
     * {@code port=N}, and who waits for an instance.
     */
    public static void main(String[] args) throws Exception {
        Database database = Database.open(args[0]).block(PATIENCE);
        ProcessDriver driver =
                ProcessDriver.open(spec(Path.of(args[1]), Path.of(args[2]))).block(PATIENCE);
        Functions functions = Functions.builder(
                        new R2dbcFunctionStore(database, Clock.systemUTC()),
                        DispatchSettings.of(MachineBudget.of(512, 8)).withStartTimeout(PATIENCE))
                .agent(agent -> agent.driver(driver)
                        .settings(AgentSettings.DEFAULTS.withStopGrace(Duration.ofMillis(500)))
                        .observer(new InvocationObserver() {
                            @Override
                            public void queued(Invocation call) {
                                System.out.println("queued " + call.id());
                            }
                        }))
                .calls(new R2dbcCallStore(database))
                .async(async -> async.settings(settings(Duration.parse(args[3])))
                        .observer(new AsyncObserver() {
                            @Override
                            public void storeFailed(String operation, Throwable error) {
                                System.out.println("store failed: " + operation + " " + error);
                            }
                        }))
                .open()
                .block(PATIENCE);
        Gateway gateway = Gateway.create();
        Listener listener = gateway.listen("127.0.0.1", 0, functions).block(PATIENCE);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            Mono.when(functions.closeAsync(PATIENCE), gateway.drain(GRACE))
                    .then(database.close())
                    .block(PATIENCE);
            System.out.println("ended");
        }));
        System.out.println("port=" + listener.port());
        new CompletableFuture<Void>().join();
    }

    private static ProcessDriverSpec spec(Path base, Path nodeRoot) {
        List<String> recorder = List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                RecordingFunction.class.getName());
        return ProcessDriverSpec.DEFAULTS
                .withBase(base)
                .withNodeRoot(nodeRoot)
                .withImage(RECORDER, new ProcessImage(base.getParent(), recorder));
    }

    /** Patient with calls that lose their process again and again. */
    private static AsyncSettings settings(Duration lease) {
        return AsyncSettings.builder()
                .concurrency(8)
                .lease(lease)
                .storeTimeout(lease.dividedBy(6))
                .poll(Duration.ofMillis(200))
                .maxAttempts(30)
                .retryBackoff(Backoff.exponential(Duration.ofMillis(50), Duration.ofMillis(500)))
                .build();
    }
}
