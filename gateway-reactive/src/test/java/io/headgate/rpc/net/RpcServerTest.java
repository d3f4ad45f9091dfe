package io.headgate.rpc.net;

import static io.headgate.rpc.Steps.LONG;
import static io.headgate.rpc.Steps.await;
import static io.headgate.rpc.Steps.failure;
import static io.headgate.rpc.Steps.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.rpc.Dialect;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.Steps;
import io.headgate.rpc.wire.HeadgateWire;
import io.headgate.rpc.zrepl.ZreplWire;
import io.headgate.test.ScriptedBody;
import io.headgate.tls.CertificateSet;
import io.headgate.tls.ClientTls;
import io.headgate.tls.Pki;
import io.headgate.tls.ServerTls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

class RpcServerTest {

    private static final String ANY = "tcp://127.0.0.1:0";

    @TempDir
    private Path folder;

    private final Steps steps = new Steps();
    private final List<RpcServer> servers = new ArrayList<>();
    private final List<RpcConnection> clients = new ArrayList<>();

    private RpcServer bind(RpcServerSpec spec) {
        RpcServer server = RpcServer.bind(spec).block(LONG);
        servers.add(server);
        return server;
    }

    private RpcServerSpec echo() {
        return RpcServerSpec.of(ANY, HeadgateWire.DIALECT, ZreplWire.DIALECT)
                .withHandler(steps.desk().echo());
    }

    private RpcConnection connect(RpcServer server, Dialect dialect) {
        return connect(RpcClientSpec.of(server.address(), dialect));
    }

    private RpcConnection connect(RpcClientSpec spec) {
        RpcConnection connection = RpcClient.connect(spec).block(LONG);
        clients.add(connection);
        return connection;
    }

    private String call(RpcConnection connection) {
        return steps.unary(connection, "echo", "hello").block(LONG);
    }

    @AfterEach
    void close() {
        clients.forEach(client -> client.closeAsync(Duration.ZERO).block(LONG));
        servers.forEach(server -> server.closeAsync(Duration.ZERO).block(LONG));
        await().untilAsserted(steps.buffers::assertNoLeaks);
    }

    @Test
    void speaksEachDialectOnOnePort() {
        RpcServer server = bind(echo());
        assertThat(call(connect(server, HeadgateWire.DIALECT))).isEqualTo("hello");
        assertThat(call(connect(server, ZreplWire.DIALECT))).isEqualTo("hello");
        assertThat(server.connections()).hasSize(2);
        assertThat(server.stats().accepted()).isEqualTo(2);
    }

    @Test
    void tellsAStrangerWhatItSpeaksAndGoesOn() throws IOException {
        RpcServer server = bind(echo());
        try (Socket stranger = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            stranger.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(call(connect(server, HeadgateWire.DIALECT))).isEqualTo("hello");
            String told = new String(stranger.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            assertThat(told).startsWith("headgate RPC: first byte: 0x47 (expected: that of ");
        }
        assertThat(server.stats().strangers()).isEqualTo(1);
        await().until(() -> server.stats().connections() == 1);
    }

    @Test
    void letsAClientGoThatSaysNothing() throws IOException {
        RpcServer server = bind(echo().withFirstByte(Duration.ofMillis(20)));
        try (Socket silent = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(server.stats().strangers()).isEqualTo(1);
    }

    @Test
    void closesClientsBeyondItsLimit() throws IOException {
        RpcServer server = bind(echo().withMaxConnections(1));
        RpcConnection first = connect(server, HeadgateWire.DIALECT);
        try (Socket second = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            assertThat(second.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(server.stats().refused()).isEqualTo(1);
        first.closeAsync(LONG).block(LONG);
        await().until(() -> server.stats().connections() == 0);
        assertThat(call(connect(server, HeadgateWire.DIALECT))).isEqualTo("hello");
    }

    @Test
    void givesEachClientAHandlerThatCanCallItBack() {
        RpcServer server = bind(echo().withHandlers(arrival -> steps.desk().on("who", request -> {
            request.body().discard();
            return steps.unary(arrival.connection(), "name", "?")
                    .map(name -> reply(steps.one(arrival.dialect().name() + " " + name)));
        })));
        RpcConnection client = connect(RpcClientSpec.of(server.address(), HeadgateWire.DIALECT)
                .withHandler(steps.desk().on("name", request -> {
                    request.body().discard();
                    return Mono.just(reply(steps.one("Ada")));
                })));
        assertThat(steps.unary(client, "who", "x").block(LONG)).isEqualTo(HeadgateWire.DIALECT.name() + " Ada");
    }

    @Test
    void letsAClientGoThatNoHandlerCanBeMadeFor() {
        RpcServer server = bind(echo().withHandlers(arrival -> {
            throw new IllegalStateException("secret");
        }));
        Ending ending;
        try {
            ending = connect(server, HeadgateWire.DIALECT).closed().block(LONG);
        } catch (RpcException refusedInTheHandshake) {
            assertThat(refusedInTheHandshake.getMessage()).doesNotContain("secret");
            return;
        }
        assertThat(ending.isClean()).isFalse();
        assertThat(ending.detail()).doesNotContain("secret");
    }

    @Test
    void showsHowADrainComesOn() {
        ScriptedBody answer = ScriptedBody.create();
        RpcServer server = bind(echo().withHandler(steps.desk().on("script", request -> {
            request.body().discard();
            return Mono.just(reply(answer));
        })));
        RpcConnection client = connect(server, HeadgateWire.DIALECT);
        List<RpcServerStats> seen = new CopyOnWriteArrayList<>();
        StepVerifier.create(Steps.text(client.call(steps.request("script", "x"))))
                .then(() -> await().until(() -> answer.subscriptions() == 1))
                .then(() -> server.drain(LONG).subscribe(seen::add))
                .then(() -> await().until(() -> !seen.isEmpty()))
                .then(() -> answer.emit(steps.buffers.utf8("done")))
                .then(answer::complete)
                .expectNext("done")
                .expectComplete()
                .verify(LONG);
        await().until(() -> seen.get(seen.size() - 1).isDrained());
        assertThat(seen.get(0).incoming()).isEqualTo(1);
        assertThat(client.closed().block(LONG).isClean()).isTrue();
        assertThatThrownBy(() -> connect(server, HeadgateWire.DIALECT)).isInstanceOf(RpcException.class);
    }

    @Test
    void clientsThatAreConnectedGoOnWhenThePortIsClosed() {
        RpcServer server = bind(echo());
        RpcConnection client = connect(server, HeadgateWire.DIALECT);
        server.unbind().block(LONG);
        assertThat(call(client)).isEqualTo("hello");
        assertThat(server.stats().listening()).isFalse();
    }

    @Test
    void anAddressInUseIsNamed() {
        RpcServer server = bind(echo());
        RpcServerSpec same = RpcServerSpec.of(server.address().toString(), HeadgateWire.DIALECT);
        StepVerifier.create(RpcServer.bind(same))
                .expectErrorSatisfies(failure -> assertThat(failure)
                        .isInstanceOf(IOException.class)
                        .hasMessageContaining("cannot listen on " + server.address()))
                .verify(LONG);
    }

    @Test
    void tlsIsGivenExactlyForAddressesOfTls() {
        StepVerifier.create(RpcServer.bind(RpcServerSpec.of("tls://127.0.0.1:0", HeadgateWire.DIALECT)))
                .expectErrorMessage(
                        "tls: none for tls://127.0.0.1:0 (expected: given exactly for an address that begins"
                                + " with tls:)")
                .verify(LONG);
    }

    // ---- unix sockets

    private RpcServerSpec unix(Path path) {
        return RpcServerSpec.of("unix:" + path, HeadgateWire.DIALECT)
                .withHandler(steps.desk().echo());
    }

    @Test
    void theFileOfASocketGoesWithItsServer() {
        Path path = folder.resolve("a.sock");
        RpcServer server = bind(unix(path));
        assertThat(path).exists();
        assertThat(call(connect(server, HeadgateWire.DIALECT))).isEqualTo("hello");
        server.closeAsync(LONG).block(LONG);
        assertThat(path).doesNotExist();
    }

    @Test
    void aStaleSocketIsReplaced() throws IOException {
        Path path = folder.resolve("a.sock");
        try (var stale = java.nio.channels.ServerSocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            stale.bind(java.net.UnixDomainSocketAddress.of(path));
        }
        assertThat(path).exists();
        assertThat(call(connect(bind(unix(path)), HeadgateWire.DIALECT))).isEqualTo("hello");
    }

    @Test
    void aSocketThatSomebodyListensOnStays() {
        Path path = folder.resolve("a.sock");
        RpcServer server = bind(unix(path));
        StepVerifier.create(RpcServer.bind(unix(path)))
                .expectErrorMessage("cannot listen on unix:" + path + ": somebody listens on it")
                .verify(LONG);
        assertThat(call(connect(server, HeadgateWire.DIALECT))).isEqualTo("hello");
    }

    @Test
    void aFileThatIsNoSocketStays() throws IOException {
        Path path = Files.writeString(folder.resolve("notes.txt"), "mine");
        StepVerifier.create(RpcServer.bind(unix(path)))
                .expectErrorSatisfies(failure -> assertThat(failure)
                        .hasMessageContaining("a file (expected: nothing, or a socket that nobody listens on)"))
                .verify(LONG);
        assertThat(path).hasContent("mine");
    }

    // ---- TLS

    private RpcClientSpec trusting(RpcServer server, Pki pki) {
        return RpcClientSpec.of(server.address(), HeadgateWire.DIALECT)
                .withTls(ClientTls.DEFAULTS.withTrust(pki.trust()));
    }

    private RpcServerSpec tls(ServerTls tls) {
        return RpcServerSpec.of("tls://127.0.0.1:0", HeadgateWire.DIALECT)
                .withHandler(steps.desk().echo())
                .withTls(tls);
    }

    @Test
    void certificatesChangeWithoutAStop() {
        Pki before = new Pki();
        Pki after = new Pki();
        Sinks.Many<CertificateSet> certificates = Sinks.many().replay().latest();
        certificates.tryEmitNext(CertificateSet.of(before.credential("127.0.0.1")));
        RpcServer server = bind(tls(ServerTls.of(certificates.asFlux())));
        RpcConnection first = connect(trusting(server, before));
        certificates.tryEmitNext(CertificateSet.of(after.credential("127.0.0.1")));
        await().ignoreExceptions()
                .untilAsserted(
                        () -> assertThat(call(connect(trusting(server, after)))).isEqualTo("hello"));
        assertThat(call(first)).isEqualTo("hello");
    }

    @Test
    void handlersKnowTheClientByItsCertificate() {
        Pki pki = new Pki();
        List<@Nullable String> seen = new CopyOnWriteArrayList<>();
        RpcServer server = bind(tls(ServerTls.of(pki.credential("127.0.0.1"))
                        .withClientAuth(ServerTls.ClientAuth.REQUIRED, pki.trust()))
                .withHandlers(arrival -> {
                    seen.add(String.valueOf(arrival.tls()));
                    return steps.desk().echo();
                }));
        RpcConnection client = connect(RpcClientSpec.of(server.address(), HeadgateWire.DIALECT)
                .withTls(ClientTls.DEFAULTS.withTrust(pki.trust()).withCredential(pki.credential("client.example"))));
        assertThat(call(client)).isEqualTo("hello");
        assertThat(seen).hasSize(1).first().asString().contains("client.example");
    }

    @Test
    void aServerThatIsNotTrustedGetsNoByteOfACall() {
        RpcServer server = bind(tls(ServerTls.of(new Pki().credential("127.0.0.1"))));
        RpcException failure = failure(RpcClient.connect(trusting(server, new Pki())));
        assertThat(failure.getMessage()).startsWith(server.address() + ": TLS handshake: ");
        await().until(() -> server.stats().failedHandshakes() == 1);
        assertThat(server.connections()).isEmpty();
    }

    @Test
    void cleartextToTlsFailsItsHandshake() throws IOException {
        RpcServer server = bind(tls(ServerTls.of(new Pki().credential("127.0.0.1"))));
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.getOutputStream().write("hello, hello, hello\n".getBytes(StandardCharsets.US_ASCII));
            socket.getInputStream().readAllBytes();
        }
        await().until(() -> server.stats().failedHandshakes() == 1);
    }
}
