package io.headgate.samples;

import io.headgate.admin.Admin;
import io.headgate.gateway.GatewaySpec;
import io.headgate.samples.function.FunctionServer;
import io.headgate.samples.function.FunctionServerSpec;
import java.io.PrintWriter;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** A server of functions: an embedded database, a function in Java, one in JavaScript, and what becomes of their calls. */
@Command(
        name = "functions",
        description = "A server of functions in Java and JavaScript: made by HTTP, called, scaled, killed, watched.",
        sortOptions = false)
final class FunctionsCommand implements Callable<Integer> {

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where to listen; port 0 lets the system choose. Default: ${DEFAULT-VALUE}.")
    private ListenAddress listen = new ListenAddress("127.0.0.1", 8080);

    @Option(names = "--admin", paramLabel = "HOST:PORT", description = "Where to serve admin pages. Default: any port.")
    private ListenAddress admin = new ListenAddress("127.0.0.1", 0);

    @Option(
            names = "--database",
            paramLabel = "URL",
            description = "h2:file:PATH or postgresql://USER:PASSWORD@HOST:PORT/DATABASE. Default: H2 in memory.")
    private String database = "h2:mem:";

    @Option(
            names = "--functions",
            paramLabel = "DIR",
            description =
                    "Where functions for Node.js are: node:NAME is DIR/NAME/func.js. The sample writes one, hello."
                            + " Default: functions beside the jar of the samples.")
    private @Nullable Path root;

    @Option(
            names = "--memory",
            paramLabel = "MB",
            description = "What all instances together may take. Default: ${DEFAULT-VALUE}.")
    private int memory = 1024;

    @Option(names = "--once", description = "End after the demonstration; exit code 0 when all was as expected.")
    private boolean once;

    @Option(
            names = "--grace",
            paramLabel = "TIME",
            description = "How long calls may take after Ctrl-C or SIGTERM. Default: 10s.")
    private Duration grace = Duration.ofSeconds(10);

    private final PrintWriter out;

    FunctionsCommand(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (memory < 1) {
            throw new UserMistake("--memory: " + memory + " (expected: 1 or more)");
        }
        if (grace.isNegative()) {
            throw new UserMistake("--grace: " + grace + " (expected: zero or more)");
        }
        try (FunctionServer server = open();
                Running running = Running.start(GatewaySpec.DEFAULTS, listen, gateway -> server.service());
                ObservationPorts ports = ports(server, running)) {
            out.println("functions on " + running.url());
            ports.lines().forEach(out::println);
            server.lines().forEach(out::println);
            boolean met = new FunctionsDemonstration(running.url(), ports.adminUrl(), out).run(server.demos());
            return once ? met ? 0 : 1 : stay(running, ports);
        }
    }

    private FunctionServer open() throws InterruptedException {
        try {
            return FunctionServer.open(new FunctionServerSpec(database, folder(), memory, grace));
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new UserMistake("--database: " + e.getMessage(), e);
        }
    }

    private Path folder() {
        if (root != null) {
            return root;
        }
        try {
            Path code = Path.of(Main.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return code.resolveSibling("functions");
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private ObservationPorts ports(FunctionServer server, Running running) {
        Admin.Builder pages = Admin.builder().gateway(running.gateway());
        server.show(pages);
        return ObservationPorts.open(new ObservedSpec(null, null, admin, null, 0, null), null, pages);
    }

    private int stay(Running running, ObservationPorts ports) throws InterruptedException {
        try (StopSignals signals = StopSignals.install()) {
            String url = running.url();
            out.println();
            out.println("Try it, and end it with Ctrl-C:");
            out.println("  samples/run fn --url " + url + " functions list " + FunctionsDemonstration.APP);
            out.println("  samples/run fn --url " + url + " invoke " + FunctionsDemonstration.APP + " shout -d hello");
            out.println("  curl -i " + url + "/t/" + FunctionsDemonstration.APP + "/shout -d hello");
            out.println("  curl " + url + "/v2/openapi.json");
            out.println("  curl " + ports.adminUrl() + "/functions");
            return running.awaitStop(signals, out, grace);
        }
    }
}
