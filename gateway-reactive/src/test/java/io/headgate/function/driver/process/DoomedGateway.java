package io.headgate.function.driver.process;

import io.headgate.function.driver.Instance;
import io.headgate.function.driver.InstanceSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** A process with a driver and an instance, to be killed. It prints what belongs to it. */
final class DoomedGateway {

    private DoomedGateway() {}

    public static void main(String[] args) throws Exception {
        Path base = Path.of(args[0]);
        ProcessDriver driver = ProcessDriver.open(ProcessDriverSpec.DEFAULTS
                        .withBase(base)
                        .withImage("script", new ProcessImage(base, List.of("sh", "-c", args[1]))))
                .block();
        Printed printed = new Printed();
        CompletableFuture<Instance> started = driver.start(
                        new InstanceSpec("i", "script", 64, Map.of(), Duration.ofSeconds(20), printed))
                .toFuture();
        UnixPeer.become(Path.of(printed.line("listen=unix:")), (number, wire) -> wire.head());
        started.join();
        printed.line("daemon=");
        System.out.print(printed.text());
        ProcessHandle.current()
                .children()
                .filter(child ->
                        String.join(" ", child.info().arguments().orElseThrow()).contains("headgate-keeper"))
                .forEach(keeper -> System.out.println("keeper=" + keeper.pid()));
        System.out.println("ready");
        new CompletableFuture<Void>().join();
    }
}
