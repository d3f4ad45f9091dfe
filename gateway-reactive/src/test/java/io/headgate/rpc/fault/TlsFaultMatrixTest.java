package io.headgate.rpc.fault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.headgate.rpc.Dialect;
import io.headgate.rpc.Ending;
import io.headgate.rpc.Ending.Kind;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStats;
import io.headgate.rpc.fault.Exchange.Shape;
import io.headgate.rpc.fault.Line.Fault;
import io.headgate.rpc.fault.Line.TlsEnds;
import io.headgate.rpc.wire.HeadgateWire;
import io.headgate.rpc.zrepl.ZreplWire;
import io.headgate.tls.Pki;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The matrix of faults once more with TLS on the line: they fall into the handshake, between it and the first byte of the
 * dialect, into records of the call and of the goodbyes, and between a goodbye and the {@code close_notify} behind it.
 */
class TlsFaultMatrixTest {

    private static final RpcSettings SETTINGS = RpcSettings.builder()
            .maxFrame(1024)
            .maxHeader(512)
            .handshake(Duration.ofSeconds(5))
            .heartbeat(Duration.ofSeconds(2))
            .silence(Duration.ofSeconds(6))
            .progress(Duration.ofSeconds(8))
            .close(Duration.ofSeconds(3))
            .tick(Duration.ofSeconds(1))
            .build();

    /** The longest that anything may take: the handshake of TLS, the deadline of the call, and the goodbyes. */
    private static final int PATIENCE = 60;

    private static final LoggedFaults LOGGED = new LoggedFaults();

    private static final Pki PKI = new Pki();

    /** RSA, as all of its signatures are of one length: the same bytes stand at the same place in each run. */
    private static final X509Bundle SERVER =
            PKI.issue(new CertificateBuilder().rsa2048().subject("CN=server"));

    /** What does the cryptography, and of which version. */
    enum Kit {
        JDK_12(SslProvider.JDK, "TLSv1.2"),
        JDK_13(SslProvider.JDK, "TLSv1.3"),
        OPENSSL_13(SslProvider.OPENSSL, "TLSv1.3");

        final TlsEnds ends;

        Kit(SslProvider provider, String version) {
            try {
                ends = new TlsEnds(
                        SslContextBuilder.forClient()
                                .sslProvider(provider)
                                .trustManager(PKI.trust().certificates())
                                .endpointIdentificationAlgorithm("")
                                .protocols(version)
                                .build(),
                        SslContextBuilder.forServer(SERVER.getKeyPair().getPrivate(), SERVER.getCertificatePathList())
                                .sslProvider(provider)
                                .protocols(version)
                                .build());
            } catch (SSLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** Over what, in which shape. */
    record Case(Dialect dialect, Kit kit, Shape shape) {

        boolean isOwn() {
            return dialect == HeadgateWire.DIALECT;
        }

        /** Of the last records of a side, those that may be missing when the other one is to know that all was said. */
        int spare(boolean ofInitiator) {
            // close_notify; on the wire of 2017 a reset, which an acceptor sends along with its answer to Close
            return isOwn() || !ofInitiator ? 1 : 2;
        }

        @Override
        public String toString() {
            return dialect + " " + shape + " " + kit;
        }
    }

    static Stream<Arguments> cases() {
        return Stream.of(true, false)
                .flatMap(victim -> Stream.of(
                                new Case(HeadgateWire.DIALECT, Kit.JDK_13, Shape.BOTH_WAYS),
                                new Case(HeadgateWire.DIALECT, Kit.OPENSSL_13, Shape.UNARY),
                                new Case(ZreplWire.DIALECT, Kit.JDK_12, Shape.UNARY),
                                new Case(ZreplWire.DIALECT, Kit.OPENSSL_13, Shape.BOTH_WAYS))
                        .map(of -> arguments(of, victim)));
    }

    /** Of what one side says in a good run: where each record ends, and how much it had said when the call had ended. */
    record Marks(List<Integer> ends, long answered) {

        static Marks of(byte[] said, long answered) {
            ByteBuf records = Unpooled.wrappedBuffer(said);
            List<Integer> ends = new ArrayList<>(List.of(0));
            while (records.isReadable()) {
                records.skipBytes(5 + records.getUnsignedShort(records.readerIndex() + 3));
                ends.add(records.readerIndex());
            }
            return new Marks(ends, answered);
        }

        /** From here on only the last records are missing. */
        int but(int last) {
            return ends.get(ends.size() - 1 - last);
        }

        int records() {
            return ends.size() - 1;
        }

        int before(int record) {
            return ends.get(record);
        }

        int inHeader(int record) {
            return ends.get(record) + 3;
        }

        int amid(int record) {
            return (ends.get(record) + 5 + ends.get(record + 1)) / 2;
        }
    }

    /** One run. */
    private static final class Run {

        final Case of;
        final Exchange exchange;
        final Line line;

        Run(Case of) {
            LOGGED.forget();
            this.of = of;
            this.exchange = new Exchange(of.shape, !of.isOwn());
            RpcSpec calls = RpcSpec.DEFAULTS.withSettings(SETTINGS);
            this.line = new Line(of.dialect, calls, calls.withHandler(exchange::handle), of.kit.ends);
        }

        void call() {
            exchange.call(line.initiator, line.allocator);
            line.run();
        }

        void close() {
            line.initiator.closeAsync(Duration.ofSeconds(5)).subscribe();
            line.run();
        }

        Marks good(boolean ofInitiator) {
            line.run();
            call();
            assertThat(exchange.outcomes).containsExactly("OK");
            long answered = line.carried(ofInitiator);
            close();
            assertOver("nothing happens");
            assertThat(kind(true)).isEqualTo(Kind.CLEAN);
            assertThat(kind(false)).isEqualTo(Kind.CLEAN);
            return Marks.of(line.said(ofInitiator), answered);
        }

        Ending ending(boolean ofInitiator) {
            return (ofInitiator ? line.initiatorEndings : line.acceptorEndings).get(0);
        }

        Kind kind(boolean ofInitiator) {
            return ending(ofInitiator).kind();
        }

        void assertOutcome(String what, boolean answered) {
            assertThat(exchange.outcomes.get(0))
                    .as(what)
                    .isIn(answered ? Set.of("OK") : Set.of("UNAVAILABLE", "DATA_LOSS", "DEADLINE_EXCEEDED"));
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
            assertThat(LOGGED.first()).as(what).isNull();
            line.end();
        }
    }

    /** The run with one fault, up to the close of the initiator. */
    private static Run faulty(Case of, Fault fault, boolean victim, int at, boolean patient) {
        Run run = new Run(of);
        run.line.with(fault, victim, at);
        run.line.run();
        run.call();
        if (patient && run.exchange.outcomes.isEmpty()) {
            run.line.pass(PATIENCE);
        }
        run.close();
        if (patient) {
            run.line.pass(20);
        }
        return run;
    }

    @ParameterizedTest(name = "{0}, of the initiator: {1}")
    @MethodSource("cases")
    void aStreamThatIsCutAnywhereIsNoCleanEnd(Case of, boolean victim) {
        Marks marks = new Run(of).good(victim);
        for (int record = 0; record < marks.records(); record++) {
            assertCut(of, Fault.CUT, victim, marks, marks.before(record));
            assertCut(of, Fault.HALF_CLOSE, victim, marks, marks.amid(record));
        }
    }

    private static void assertCut(Case of, Fault fault, boolean victim, Marks marks, int at) {
        Run run = faulty(of, fault, victim, at, false);
        String what = of + " " + fault + " after byte " + at + " of " + marks;
        run.assertOver(what); // at once, no clock is needed
        assertThat(run.exchange.outcomes.get(0))
                .as(what)
                .isIn(at >= marks.answered ? Set.of("OK") : Set.of("UNAVAILABLE", "DATA_LOSS"));
        assertThat(run.kind(!victim)).as(what).isEqualTo(at >= marks.but(of.spare(victim)) ? Kind.CLEAN : Kind.LOST);
        assertThat(run.kind(victim)).as(what).isIn(Kind.LOST, Kind.CLEAN);
    }

    @ParameterizedTest(name = "{0}, of the initiator: {1}")
    @MethodSource("cases")
    void whatIsNoRecordEndsTheConnectionAndIsNobodysInternalError(Case of, boolean victim) {
        Marks marks = new Run(of).good(victim);
        for (int record = 0; record < marks.records(); record++) {
            assertGarbled(of, victim, marks, marks.before(record));
            assertGarbled(of, victim, marks, marks.inHeader(record));
            assertGarbled(of, victim, marks, marks.amid(record));
        }
    }

    private static void assertGarbled(Case of, boolean victim, Marks marks, int at) {
        Run run = faulty(of, Fault.GARBLE, victim, at, true);
        String what = of + " garbled at byte " + at + " of " + marks;
        run.assertOver(what);
        run.assertOutcome(what, at >= marks.answered);
        boolean heard = at >= marks.but(of.spare(victim));
        assertThat(run.kind(!victim)) // silent: what looks like a longer record is waited for
                .as(what)
                .isIn(heard ? Set.of(Kind.CLEAN) : Set.of(Kind.LOST, Kind.SILENT));
        assertThat(run.kind(victim)) // aborted: on the wire of 2017, who has waited resets
                .as(what)
                .isIn(Kind.LOST, Kind.SILENT, Kind.CLEAN, of.isOwn() ? Kind.LOST : Kind.ABORTED_BY_PEER);
    }

    @ParameterizedTest(name = "{0}, of the initiator: {1}")
    @MethodSource("cases")
    void silenceAnywhereEndsInTime(Case of, boolean victim) {
        Marks marks = new Run(of).good(victim);
        for (int record = 0; record < marks.records(); record++) {
            int at = marks.before(record);
            Run run = faulty(of, Fault.SILENCE, victim, at, true);
            String what = of + " silent after byte " + at + " of " + marks;
            if (!of.isOwn() && run.line.acceptorEndings.isEmpty()) { // no heartbeats: nobody misses an initiator
                run.line.acceptor.closeAsync(Duration.ofSeconds(5)).subscribe();
                run.line.pass(20);
            }
            run.assertOver(what);
            run.assertOutcome(what, at >= marks.answered);
            boolean heard = at >= marks.but(of.spare(victim));
            assertThat(run.kind(!victim)).as(what).isIn(Kind.SILENT, heard ? Kind.CLEAN : Kind.LOST);
        }
    }
}
