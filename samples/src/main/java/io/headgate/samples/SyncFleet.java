package io.headgate.samples;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Three gateways that are fed by one sync server, while the file of their endpoints is edited and the server is restarted. */
@Command(
        name = "sync-fleet",
        description = "Three gateways fed by one sync server: endpoints are edited in a file, and traffic moves.",
        sortOptions = false)
final class SyncFleet implements Callable<Integer> {

    static final String ORDERS = "orders";

    private static final int GATEWAYS = 3;
    private static final int MAX_RATE = 10_000;
    private static final String[] NAMES = {"a", "b", "c"};

    @Option(
            names = "--rate",
            paramLabel = "N",
            description = "Requests per second through each gateway. Default: ${DEFAULT-VALUE}.")
    private int rate = 100;

    private final PrintWriter out;
    private final AtomicReference<@Nullable Board> board = new AtomicReference<>();

    SyncFleet(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (rate < 1 || rate > MAX_RATE) {
            throw new UserMistake("--rate: " + rate + " (expected: 1.." + MAX_RATE + ")");
        }
        try (NamedUpstreams upstreams = NamedUpstreams.start(NAMES);
                FleetDirectory directory = new FleetDirectory()) {
            directory.write(ORDERS, upstreams.endpoints("a", "b"));
            try (FleetServer server = new FleetServer(directory.path())) {
                return run(upstreams, directory, server);
            }
        }
    }

    private int run(NamedUpstreams upstreams, FleetDirectory directory, FleetServer server)
            throws InterruptedException {
        List<FleetGateway> gateways = new ArrayList<>();
        try {
            IntStream.rangeClosed(1, GATEWAYS)
                    .mapToObj(n -> new FleetGateway("gateway " + n, server.address(), upstreams, rate, this::say))
                    .forEach(gateways::add);
            try (Board table = new Board(out, Board.isTerminal(), () -> table(gateways))) {
                board.set(table);
                boolean met = new FleetScript(table, upstreams, directory, server, gateways).play();
                return end(gateways, table, met);
            }
        } finally {
            gateways.forEach(FleetGateway::close);
        }
    }

    private static int end(List<FleetGateway> gateways, Board table, boolean met) {
        gateways.forEach(gateway -> gateway.load().stop());
        table.say("");
        boolean failed = false;
        for (FleetGateway gateway : gateways) {
            Load load = gateway.load();
            table.say(gateway.name() + ": " + load.answered() + " requests answered, " + load.failed() + " failed"
                    + load.firstFailure());
            failed |= load.failed() > 0;
        }
        return met && !failed ? 0 : 1;
    }

    private static List<String> table(List<FleetGateway> gateways) {
        return Stream.concat(
                        Stream.of(String.format("%-11s", "") + Followed.heading()),
                        gateways.stream()
                                .flatMap(gateway -> gateway.orders().table().stream()
                                        .map(line -> String.format("%-11s", gateway.name()) + line)))
                .toList();
    }

    private void say(String line) {
        Board current = board.get();
        if (current != null) {
            current.say(line);
        }
    }
}
