package io.headgate.samples;

import io.headgate.resolve.EndpointRegistry;
import io.headgate.resolve.Update.Departure;
import io.headgate.samples.EndpointRow.State;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The two acts of the discovery sample: what is changed, and what has to come of it while requests go on. */
final class DiscoveryScript {

    private static final Duration BOUND = Duration.ofSeconds(15);
    private static final int SOME = 5;
    private static final int MANY = 30;

    /** What can only fail by interruption. */
    private interface Change {
        void make() throws InterruptedException;
    }

    private final Board board;
    private final NamedUpstreams upstreams;
    private final Load load;
    private boolean allMet = true;

    DiscoveryScript(Board board, NamedUpstreams upstreams, Load load) {
        this.board = board;
        this.upstreams = upstreams;
        this.load = load;
    }

    /** Plays the act of the file; returns whether everything was as it should. */
    boolean play(EndpointFile file, Followed orders) throws InterruptedException {
        board.say("Act 1: the endpoints of orders are in " + file.path());
        step("the file names a and b", () -> {}, served(orders, "a", "b"), "both are called");
        step("c appears", () -> write(file, "a", "b", "c"), served(orders, "a", "b", "c"), "c is called, too");
        drain(file, orders);
        step(
                "the next file is bad",
                () -> file.writeText("{\"endpoints\": {\"orders\": [\"nonsense\"]}}"),
                () -> {
                    return orders.isAway() && !orders.consistsOf();
                },
                "it is refused, and the last good set stays");
        step("requests go on", () -> {}, answered(), MANY + " more are answered");
        step(
                "a good file: a, b, c and d",
                () -> write(file, "a", "b", "c", "d"),
                () -> {
                    return orders.isCurrent() && orders.consistsOf("a", "b", "c", "d");
                },
                "it is in force");
        step("e appears", () -> write(file, "a", "b", "c", "d", "e"), served(orders, "e"), "e is called, too");
        step(
                "e dies, and the file names it still",
                () -> upstreams.kill("e"),
                hidden(orders),
                "it gets no calls any more, and nobody has noticed");
        step("the file leaves e out", () -> write(file, "a", "b", "c", "d"), gone(orders, "e"), "e is gone");
        return allMet;
    }

    /** Whoever happens to have a call that takes its time is taken out of the set. */
    private void drain(EndpointFile file, Followed orders) throws InterruptedException {
        CompletableFuture<@Nullable Integer> held = load.send("/orders/hold").toFuture();
        step("a request takes its time", () -> {}, () -> holder() != null, "somebody has it");
        String holder = holder();
        if (holder == null) {
            return;
        }
        String[] others =
                Stream.of("a", "b", "c").filter(name -> !name.equals(holder)).toArray(String[]::new);
        step(
                holder + " has it, and vanishes from the file",
                () -> write(file, others),
                () -> {
                    return orders.is(holder, State.DRAINING) && orders.consistsOf(others);
                },
                holder + " drains");
        step("new requests", () -> {}, served(orders, others), "go to the others");
        step(
                "the slow one gets its answer",
                upstreams::release,
                () -> {
                    return held.isDone() && Integer.valueOf(200).equals(held.join()) && orders.is(holder, State.GONE);
                },
                "200, and " + holder + " is gone");
    }

    private @Nullable String holder() {
        return Stream.of("a", "b", "c").filter(upstreams::isHolding).findFirst().orElse(null);
    }

    /** Plays the act of the destination API. */
    boolean play(ControlPlane plane, EndpointRegistry registry, Followed users) throws InterruptedException {
        String name = Discovery.USERS;
        board.say("");
        board.say("Act 2: the endpoints of users come from 127.0.0.1:" + plane.port() + " by the destination API");
        step("it says a and b", () -> {}, served(users, "a", "b"), "both are called");
        step("c appears", () -> registry.upsert(name, upstreams.endpoint("c")), served(users, "c"), "c is called, too");
        step(
                "a leaves",
                () -> {
                    registry.remove(name, Departure.DRAIN, upstreams.endpoint("a"));
                },
                () -> users.is("a", State.GONE) && users.consistsOf("b", "c"),
                "it has drained and is gone");
        step("the control plane goes away", plane::goAway, users::isAway, "the set is known to be old");
        step("requests go on", () -> {}, answered(), MANY + " more are answered");
        step(
                "the set changes meanwhile",
                () -> registry.reset(name, upstreams.endpoints("b", "d")),
                () -> {
                    return users.consistsOf("b", "c");
                },
                "nobody knows yet");
        long back = System.nanoTime();
        step(
                "the control plane is back",
                plane::comeBack,
                () -> {
                    return users.isCurrent() && users.consistsOf("b", "d") && users.is("c", State.GONE);
                },
                "b and d are in force, c is gone");
        board.say("     that took " + (System.nanoTime() - back) / 1_000_000 + " ms");
        step("requests", () -> {}, served(users, "b", "d"), "go to b and d");
        return allMet;
    }

    private void step(String what, Change change, BooleanSupplier outcome, String expected)
            throws InterruptedException {
        change.make();
        boolean met = Until.met(outcome, BOUND);
        board.say((met ? "ok   " : "FAIL ") + what + ": " + expected + (met ? "" : " (not within " + BOUND + ")"));
        allMet &= met;
    }

    private void write(EndpointFile file, String... names) {
        file.write(upstreams.endpoints(names));
    }

    /** From now on each of them gets a few calls. */
    private static BooleanSupplier served(Followed followed, String... names) {
        Map<String, Long> before = Stream.of(names).collect(Collectors.toMap(Function.identity(), followed::calls));
        return () ->
                before.entrySet().stream().allMatch(entry -> followed.calls(entry.getKey()) >= entry.getValue() + SOME);
    }

    private BooleanSupplier answered() {
        long before = load.answered();
        return () -> load.answered() >= before + MANY;
    }

    /** Attempts at the dead one have failed, so that the balancer leaves it alone, and requests are answered all the same. */
    private BooleanSupplier hidden(Followed orders) {
        BooleanSupplier answered = answered();
        return () -> orders.failures("e") > 0
                && answered.getAsBoolean()
                && orders.is("e", State.FAILING)
                && load.failed() == 0;
    }

    private static BooleanSupplier gone(Followed followed, String name) {
        return () -> followed.is(name, State.GONE) && followed.consistsOf("a", "b", "c", "d");
    }
}
