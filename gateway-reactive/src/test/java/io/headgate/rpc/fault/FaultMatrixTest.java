package io.headgate.rpc.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.headgate.Service.Status;
import io.headgate.rpc.Dialect;
import io.headgate.rpc.Ending;
import io.headgate.rpc.Ending.Kind;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStats;
import io.headgate.rpc.fault.Exchange.Shape;
import io.headgate.rpc.fault.Line.Fault;
import io.headgate.rpc.wire.HeadgateWire;
import io.headgate.rpc.zrepl.ZreplWire;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A connection opens, makes a call and closes; the points at which something happens to it are the bytes of a run in which
 * nothing does. So a fault falls before a header, into it, into a frame, between frames, before the trailer, and on each step
 * of the goodbyes.
 */
class FaultMatrixTest {

    private static final RpcSettings SETTINGS = RpcSettings.builder()
            .maxFrame(1024)
            .maxHeader(512)
            .maxElement(4096)
            .streamWindow(2048)
            .connectionWindow(4096)
            .handshake(Duration.ofSeconds(5))
            .heartbeat(Duration.ofSeconds(2))
            .silence(Duration.ofSeconds(6))
            .progress(Duration.ofSeconds(8))
            .close(Duration.ofSeconds(3))
            .tick(Duration.ofSeconds(1))
            .build();

    /** The longest that anything may take: the deadline of the call, and the goodbyes. */
    private static final int PATIENCE = 60;

    /** Who calls, over what, in which shape. */
    record Case(Dialect dialect, Shape shape, boolean acceptorCalls) {

        boolean isOwn() {
            return dialect == HeadgateWire.DIALECT;
        }

        /** Every byte of a short exchange, and some of a long one. */
        int step() {
            return shape == Shape.LARGE ? 83 : 1;
        }

        /** Where a clock has to pass for each. */
        int longStep() {
            return shape == Shape.LARGE ? 211 : 7;
        }

        @Override
        public String toString() {
            return dialect + " " + shape + (acceptorCalls ? ", the acceptor calls" : "");
        }
    }

    /** Where the bytes of a good run stand: when the call had ended, and at the end. */
    record Marks(long thereAtReply, long backAtReply, long there, long back) {

        long total(boolean ofInitiator) {
            return ofInitiator ? there : back;
        }

        long atReply(boolean ofInitiator) {
            return ofInitiator ? thereAtReply : backAtReply;
        }
    }

    static Stream<Arguments> cases() {
        List<Arguments> all = new ArrayList<>();
        for (Shape shape : Shape.values()) {
            for (boolean victim : new boolean[] {true, false}) {
                all.add(arguments(new Case(HeadgateWire.DIALECT, shape, false), victim));
                all.add(arguments(new Case(HeadgateWire.DIALECT, shape, true), victim));
                all.add(arguments(new Case(ZreplWire.DIALECT, shape, false), victim));
            }
        }
        return all.stream();
    }

    /** One run. */
    private static final class Run {

        final Case of;
        final Exchange exchange;
        final Line line;

        Run(Case of) {
            this.of = of;
            this.exchange = new Exchange(of.shape, !of.isOwn());
            RpcSpec calls = RpcSpec.DEFAULTS.withSettings(SETTINGS);
            RpcSpec answers = calls.withHandler(exchange::handle);
            this.line = new Line(of.dialect, of.acceptorCalls ? answers : calls, of.acceptorCalls ? calls : answers);
        }

        RpcConnection caller() {
            return of.acceptorCalls ? line.acceptor : line.initiator;
        }

        void call() {
            exchange.call(caller(), line.allocator);
            line.run();
        }

        /** One more call has what a call on a fresh connection has. */
        void assertWorks(String what) {
            Exchange again = new Exchange(of.shape, !of.isOwn());
            again.call(caller(), line.allocator);
            line.run();
            assertThat(again.outcomes).as(what + ", and one more call").containsExactly("OK");
            assertThat(again.open).as(what).isZero();
        }

        void close() {
            caller().closeAsync(Duration.ofSeconds(5)).subscribe();
            line.run();
        }

        Marks good() {
            call();
            assertThat(exchange.outcomes).containsExactly("OK");
            long there = line.carried(true);
            long back = line.carried(false);
            close();
            assertThat(line.initiatorEndings).extracting(Ending::kind).containsExactly(Kind.CLEAN);
            assertThat(line.acceptorEndings).extracting(Ending::kind).containsExactly(Kind.CLEAN);
            assertOver("nothing happens");
            return new Marks(there, back, line.carried(true), line.carried(false));
        }

        Kind kind(boolean ofInitiator) {
            return (ofInitiator ? line.initiatorEndings : line.acceptorEndings)
                    .get(0)
                    .kind();
        }

        /** Both sides know of one end, the call has had one, nobody waits, nothing is held, nothing leaked. */
        void assertOver(String what) {
            assertThat(exchange.outcomes).as(what).hasSize(1);
            assertThat(line.initiatorEndings).as(what).hasSize(1);
            assertThat(line.acceptorEndings).as(what).hasSize(1);
            assertThat(exchange.open)
                    .as("%s: publishers that have not ended", what)
                    .isZero();
            for (RpcConnection side : List.of(line.initiator, line.acceptor)) {
                RpcStats stats = side.stats();
                assertThat(stats.outgoing() + stats.incoming() + stats.heldIn())
                        .as("%s: %s", what, stats)
                        .isZero();
            }
            line.end();
        }
    }

    /** Whether this side has had all that makes its end a clean one. */
    private static boolean heardGoodbye(Case of, Marks marks, boolean receiver, long at) {
        long total = marks.total(!receiver);
        return at >= (of.isOwn() ? total : total - 6); // on the wire of 2017 the reset at the end may be missing
    }

    /** From here on what this side says is the last that it has to say, so it may have heard a goodbye already. */
    private static long goodbye(Case of, Marks marks, boolean ofInitiator) {
        return of.isOwn() ? marks.total(ofInitiator) - 10 : marks.atReply(ofInitiator);
    }

    @ParameterizedTest(name = "{0}, initiator dies: {1}")
    @MethodSource("cases")
    void eitherEndDiesAtAnyByte(Case of, boolean victim) {
        ends(of, Fault.CUT, victim, of.step());
    }

    @ParameterizedTest(name = "{0}, initiator ends its half: {1}")
    @MethodSource("cases")
    void eitherEndSaysNothingMoreAtAnyByteAndStillReads(Case of, boolean victim) {
        ends(of, Fault.HALF_CLOSE, victim, of.longStep());
    }

    private static void ends(Case of, Fault fault, boolean victim, int step) {
        Marks marks = new Run(of).good();
        for (long at = 0; at < marks.total(victim); at += step) {
            Run run = new Run(of);
            run.line.with(fault, victim, at);
            run.line.run();
            run.call();
            run.close();
            String what = of + " " + fault + " after byte " + at + " of " + marks;
            assertThat(run.line.isOver()).as(what).isTrue(); // at once, no clock is needed
            run.assertOver(what);
            boolean answered = at >= marks.atReply(victim);
            if (answered) {
                assertThat(run.exchange.outcomes).as(what).containsExactly("OK");
            } else {
                assertThat(run.exchange.outcomes.get(0)).as(what).isIn("UNAVAILABLE", "DATA_LOSS");
            }
            assertThat(run.kind(!victim))
                    .as(what)
                    .isEqualTo(heardGoodbye(of, marks, !victim, at) ? Kind.CLEAN : Kind.LOST);
            assertThat(run.kind(victim))
                    .as(what)
                    .isIn(at >= goodbye(of, marks, victim) ? Set.of(Kind.CLEAN, Kind.LOST) : Set.of(Kind.LOST));
        }
    }

    @ParameterizedTest(name = "{0}, initiator falls silent: {1}")
    @MethodSource("cases")
    void eitherEndFallsSilentAtAnyByte(Case of, boolean victim) {
        Marks marks = new Run(of).good();
        for (long at = 0; at < marks.total(victim); at += of.longStep()) {
            Run run = new Run(of);
            run.line.with(Fault.SILENCE, victim, at);
            run.line.run();
            run.call();
            if (at < marks.atReply(victim)) {
                run.line.pass(PATIENCE);
                assertThat(run.exchange.outcomes)
                        .as("%s silent after %s", of, at)
                        .hasSize(1);
            }
            run.close();
            run.line.pass(20);
            String what = of + " silent after byte " + at + " of " + marks;
            if (!of.isOwn() && !run.line.isOver()) { // without heartbeats nobody misses a peer that nothing is asked of
                assertThat(victim && run.line.acceptorEndings.isEmpty())
                        .as(what)
                        .isTrue();
                assertThat(run.line.acceptor.stats().incoming()).as(what).isZero();
                run.line.acceptor.closeAsync(Duration.ofSeconds(5)).subscribe();
                run.line.pass(20);
            }
            run.assertOver(what);
            if (at >= marks.atReply(victim)) {
                assertThat(run.exchange.outcomes).as(what).containsExactly("OK");
            } else {
                assertThat(run.exchange.outcomes.get(0)).as(what).isIn("UNAVAILABLE", "DATA_LOSS", "DEADLINE_EXCEEDED");
            }
            if (of.isOwn()) {
                assertThat(run.kind(!victim)).as(what).isEqualTo(Kind.SILENT);
            } else if (!heardGoodbye(of, marks, !victim, at)) {
                assertThat(run.kind(!victim)).as(what).isNotEqualTo(Kind.CLEAN);
            }
            if (at < goodbye(of, marks, victim)) {
                assertThat(run.kind(victim)).as(what).isNotEqualTo(Kind.CLEAN);
            }
        }
    }

    @ParameterizedTest(name = "{0}, initiator garbles: {1}")
    @MethodSource("cases")
    void anyByteIsAnotherOne(Case of, boolean victim) {
        Marks marks = new Run(of).good();
        int survivors = 0;
        for (long at = 0; at < marks.total(victim); at += of.longStep()) {
            Run run = new Run(of);
            run.line.with(Fault.GARBLE, victim, at);
            run.line.run();
            run.call();
            if (run.exchange.outcomes.isEmpty()) {
                run.line.pass(PATIENCE);
            }
            String what = of + " garbled at byte " + at + " of " + marks;
            if (run.line.carried(victim) > at && run.caller().status() == Status.OPEN) {
                survivors++;
                run.assertWorks(what);
            }
            run.close();
            run.line.pass(20);
            run.assertOver(what);
        }
        if (of.isOwn()) { // what is sent on the wire of 2017 has hardly a byte that means nothing to it
            assertThat(survivors).as("connections that go on").isPositive();
        }
    }

    @ParameterizedTest(name = "{0}, by the initiator: {1}")
    @MethodSource("cases")
    void bytesThatTrickleMeanTheSame(Case of, boolean initiatorCloses) {
        Run run = new Run(of);
        run.line.trickles = true;
        run.line.run();
        run.call();
        assertThat(run.exchange.outcomes).containsExactly("OK");
        (initiatorCloses ? run.line.initiator : run.line.acceptor)
                .closeAsync(Duration.ofSeconds(5))
                .subscribe();
        run.line.run();
        run.assertOver(of + " trickles");
        assertThat(run.kind(true)).isEqualTo(Kind.CLEAN);
        assertThat(run.kind(false)).isEqualTo(Kind.CLEAN);
    }
}
