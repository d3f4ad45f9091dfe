package io.headgate.samples;

import io.headgate.Service;
import io.headgate.discovery.file.FileResolver;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.EndpointRegistry;
import io.headgate.resolve.SourceAges;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import reactor.core.publisher.Mono;

/** Endpoints that come and go under load: those of one name by a file, those of the other by a control plane. */
@Command(
        name = "discovery",
        description = "Endpoints that come, drain and vanish under load, by a file and by Linkerd's destination API.",
        sortOptions = false)
final class Discovery implements Callable<Integer> {

    static final String ORDERS = "orders";
    static final String USERS = "users.example:80";

    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final int MAX_RATE = 10_000;
    private static final int MAX_BODY = 1024;
    private static final String[] NAMES = {"a", "b", "c", "d", "e"};

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where to listen; port 0 lets the system choose. Default: ${DEFAULT-VALUE}.")
    private ListenAddress listen = new ListenAddress("127.0.0.1", 8080);

    @Option(
            names = "--once",
            description = "End after both acts; exit code 0 when all went as it should and no request failed.")
    private boolean once;

    @Option(names = "--rate", paramLabel = "N", description = "Requests per second. Default: ${DEFAULT-VALUE}.")
    private int rate = 200;

    private final PrintWriter out;
    private final SourceAges ages = SourceAges.create();
    private final EndpointRegistry registry = new EndpointRegistry();
    private final AtomicReference<@Nullable Board> board = new AtomicReference<>();

    Discovery(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (rate < 1 || rate > MAX_RATE) {
            throw new UserMistake("--rate: " + rate + " (expected: 1.." + MAX_RATE + ")");
        }
        try (NamedUpstreams upstreams = NamedUpstreams.start(NAMES);
                EndpointFile file = new EndpointFile(ORDERS);
                ControlPlane plane = new ControlPlane(registry)) {
            file.write(upstreams.endpoints("a", "b"));
            registry.reset(USERS, upstreams.endpoints("a", "b"));
            return run(upstreams, file, plane);
        }
    }

    private int run(NamedUpstreams upstreams, EndpointFile file, ControlPlane plane) throws InterruptedException {
        List<Followed> followed = new ArrayList<>();
        try (Running running = Running.start(GatewaySpec.DEFAULTS, listen, gateway -> {
                    followed.add(follow(gateway, upstreams, file));
                    followed.add(follow(gateway, upstreams, plane));
                    return routes(followed.get(0).service(), followed.get(1).service(), upstreams);
                });
                Load load = new Load(running.url(), rate, List.of("/orders/1", "/users/1"));
                Board table = new Board(out, Board.isTerminal(), () -> table(followed))) {
            board.set(table);
            DiscoveryScript script = new DiscoveryScript(table, upstreams, load);
            boolean met = script.play(file, followed.get(0)) & script.play(plane, registry, followed.get(1));
            return once ? end(load, table, met) : stay(running, load, table, file);
        } finally {
            followed.forEach(Followed::close);
        }
    }

    private static int end(Load load, Board table, boolean met) {
        load.stop();
        table.say("");
        table.say(load.answered() + " requests answered, " + load.failed() + " failed" + load.firstFailure());
        return met && load.failed() == 0 ? 0 : 1;
    }

    private int stay(Running running, Load load, Board table, EndpointFile file) throws InterruptedException {
        StopSignals signals = StopSignals.install();
        table.say("");
        table.say("Try it, and end it with Ctrl-C:");
        table.say("  change the endpoints in " + file.path());
        table.say("  curl -X PUT --data 'a c' " + running.url()
                + "/plane   (what the control plane says: some of a to d)");
        table.say("  curl -i " + running.url() + "/orders/42");
        signals.await();
        end(load, table, true);
        table.close();
        return running.drain(signals, out, GRACE);
    }

    private static List<String> table(List<Followed> followed) {
        return Stream.concat(
                        Stream.of(Followed.heading()),
                        followed.stream().map(Followed::table).flatMap(List::stream))
                .toList();
    }

    private Service<HttpExchange, HttpReply> routes(
            Service<HttpExchange, HttpReply> orders, Service<HttpExchange, HttpReply> users, NamedUpstreams upstreams) {
        return exchange -> {
            String path = exchange.head().path();
            if (path.startsWith("/orders")) {
                return orders.call(exchange);
            }
            if (path.startsWith("/users")) {
                return users.call(exchange);
            }
            if (path.equals("/plane") && exchange.head().method().equals("PUT")) {
                return exchange.body().asString(MAX_BODY).defaultIfEmpty("").map(names -> put(names, upstreams));
            }
            exchange.body().discard();
            return Mono.error(new NoRouteException(path));
        };
    }

    private HttpReply put(String names, NamedUpstreams upstreams) {
        String[] wanted =
                Stream.of(names.split("\\W+")).filter(name -> !name.isEmpty()).toArray(String[]::new);
        for (String name : wanted) {
            if (!upstreams.has(name)) {
                return HttpReply.text(400, "name: " + name + " (expected: some of " + String.join(" ", NAMES) + ")\n");
            }
        }
        registry.reset(USERS, upstreams.endpoints(wanted));
        return HttpReply.text(200, "the control plane says " + String.join(" ", wanted) + "\n");
    }

    private Followed follow(Gateway gateway, NamedUpstreams upstreams, EndpointFile file) {
        FileResolver source = FileResolver.of(file.path()).withObserver(ages);
        return new Followed(gateway, ORDERS, source, ages, upstreams::name, this::say);
    }

    private Followed follow(Gateway gateway, NamedUpstreams upstreams, ControlPlane plane) {
        return new Followed(gateway, USERS, plane.client(ages), ages, upstreams::name, this::say);
    }

    private void say(String line) {
        Board current = board.get();
        if (current != null) {
            current.say(line);
        }
    }
}
