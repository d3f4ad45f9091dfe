package io.headgate.samples;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What is done to the directory and the server of the fleet, and what has to come of it at every gateway while requests go on. */
final class FleetScript {

    private static final Duration BOUND = Duration.ofSeconds(15);
    private static final int SOME = 5;

    /** What can only fail by interruption. */
    private interface Change {
        void make() throws InterruptedException;
    }

    private final Board board;
    private final NamedUpstreams upstreams;
    private final FleetDirectory directory;
    private final FleetServer server;
    private final List<FleetGateway> gateways;
    private boolean allMet = true;

    FleetScript(
            Board board,
            NamedUpstreams upstreams,
            FleetDirectory directory,
            FleetServer server,
            List<FleetGateway> gateways) {
        this.board = board;
        this.upstreams = upstreams;
        this.directory = directory;
        this.server = server;
        this.gateways = gateways;
    }

    /** Returns whether everything was as it should. */
    boolean play() throws InterruptedException {
        board.say("A sync server on " + server.address() + " serves " + directory.path());
        gateways.forEach(gateway -> board.say(gateway.name() + " follows it and listens on " + gateway.url()));
        step("three gateways follow one server", () -> {}, () -> server.clients() == gateways.size(), "all are served");
        step("the file names a and b", () -> {}, everywhere("a", "b"), "all gateways know them");
        step("requests begin", this::begin, served("a", "b"), "they go to a and b");
        step("c appears in the file", () -> write("a", "b", "c"), everywhere("a", "b", "c"), "all gateways know it");
        step("requests go on", () -> {}, served("a", "b", "c"), "to c, too");
        step("the file leaves a out", () -> write("b", "c"), gone("a", "b", "c"), "a has drained and is gone");
        step("requests go on", () -> {}, served("b", "c"), "to b and c");
        step("the server goes away", server::goAway, all(Followed::isAway), "the sets are known to be old");
        step("the file names c alone meanwhile", () -> write("c"), everywhere("b", "c"), "nobody knows yet");
        step("requests go on", () -> {}, served("b", "c"), "to b and c");
        step("the server is back", server::comeBack, gone("b", "c"), "c is in force, and b, which vanished, is gone");
        step("requests go on", () -> {}, served("c"), "to c");
        return allMet;
    }

    private void step(String what, Change change, BooleanSupplier outcome, String expected)
            throws InterruptedException {
        long began = System.nanoTime();
        change.make();
        boolean met = Until.met(outcome, BOUND);
        board.say((met ? "ok   " : "FAIL ") + what + ": " + expected
                + (met ? ", " + (System.nanoTime() - began) / 1_000_000 + " ms" : " (not within " + BOUND + ")"));
        allMet &= met;
    }

    private void begin() {
        gateways.forEach(FleetGateway::begin);
    }

    private void write(String... names) {
        directory.write(SyncFleet.ORDERS, upstreams.endpoints(names));
    }

    private BooleanSupplier all(Predicate<Followed> condition) {
        return () -> gateways.stream().map(FleetGateway::orders).allMatch(condition);
    }

    private BooleanSupplier everywhere(String... names) {
        return all(orders -> orders.consistsOf(names));
    }

    private BooleanSupplier gone(String left, String... others) {
        return all(
                orders -> orders.is(left, EndpointRow.State.GONE) && orders.consistsOf(others) && orders.isCurrent());
    }

    /** From now on each of them gets a few calls through each gateway. */
    private BooleanSupplier served(String... names) {
        Map<FleetGateway, Map<String, Long>> before = gateways.stream()
                .collect(Collectors.toMap(
                        Function.identity(),
                        gateway -> Stream.of(names)
                                .collect(Collectors.toMap(
                                        Function.identity(),
                                        name -> gateway.orders().calls(name)))));
        return () -> before.entrySet().stream()
                .allMatch(gateway -> gateway.getValue().entrySet().stream()
                        .allMatch(calls -> gateway.getKey().orders().calls(calls.getKey()) >= calls.getValue() + SOME));
    }
}
