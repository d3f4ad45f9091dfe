package io.headgate.rpc.net;

import static io.headgate.rpc.Steps.LONG;
import static io.headgate.rpc.Steps.await;
import static io.headgate.rpc.Steps.failure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.headgate.Deadline;
import io.headgate.Trait;
import io.headgate.rpc.Content;
import io.headgate.rpc.Dialect;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.Steps;
import io.headgate.rpc.wire.HeadgateWire;
import io.headgate.rpc.zrepl.ZreplWire;
import io.headgate.tls.ClientTls;
import io.headgate.tls.Pki;
import io.headgate.tls.ServerTls;
import io.headgate.tls.internal.ServerContexts;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** What servers and clients make of a peer that does not keep to TLS, or leaves amid it: each has its own name on both sides. */
class TlsPeersTest {

    private static final Pki PKI = new Pki();
    private static final SSLContext ANYBODY = PKI.context(null);
    private static final SSLContext LOCALHOST = PKI.context(PKI.issue("localhost", "localhost", "127.0.0.1"));
    private static final SSLContext ELSEWHERE = PKI.context(PKI.issue("elsewhere", "elsewhere.example"));
    private static final SSLContext STRANGER =
            new Pki().context(new Pki().issue("localhost", "localhost", "127.0.0.1"));

    /** The beginning of a record of a handshake. */
    private static final byte[] HALF_A_RECORD = HexFormat.of().parseHex("16030300ff0100");

    private static final byte[] NO_RECORD = "GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** Of what is waited for. On a busy machine others have to get along with it, too. */
    private static final Duration SHORT = Duration.ofMillis(800);

    private final Steps steps = new Steps();
    private final List<AutoCloseable> open = new CopyOnWriteArrayList<>();
    private final List<Ending> endings = new CopyOnWriteArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (int i = open.size(); i-- > 0; ) {
            open.get(i).close();
        }
        await().untilAsserted(steps.buffers::assertNoLeaks);
    }

    /** What somebody does with a socket. */
    interface Script {

        /** The socket that is left; one of TLS says goodbye as soon as nobody holds it. */
        Socket run(Socket plain) throws IOException;
    }

    private void run(Script script, Socket plain) throws IOException {
        open.add(plain);
        open.add(script.run(plain));
    }

    // ---- our client and what is no server

    /** What a server does, and what the client says of it before any call; null when it says nothing before. */
    enum Server {
        IS_GONE(Server::closed, "TLS handshake: ", "TLS handshake: "),
        IS_GONE_AMID_A_RECORD(
                plain -> {
                    plain.getOutputStream().write(HALF_A_RECORD);
                    readsHello(plain);
                    return closed(plain);
                },
                "TLS handshake: ",
                "TLS handshake: "),
        SPEAKS_NO_TLS(
                plain -> {
                    plain.getOutputStream().write(NO_RECORD);
                    readsHello(plain);
                    return plain;
                },
                "TLS handshake: not an SSL/TLS record",
                "TLS handshake: not an SSL/TLS record"),
        IS_SILENT(
                plain -> plain,
                "no TLS handshake in time (expected: within " + SHORT + ")",
                "no TLS handshake in time (expected: within " + SHORT + ")"),
        IS_ANOTHER(plain -> Pki.server(ELSEWHERE, plain, false), "TLS handshake: ", "TLS handshake: "),
        IS_NOT_TRUSTED(plain -> Pki.server(STRANGER, plain, false), "TLS handshake: ", "TLS handshake: "),
        LEAVES(plain -> closed(Pki.server(LOCALHOST, plain, false)), "connection: LOST: byte stream: ended", null),
        IS_CUT_OFF(
                plain -> {
                    Pki.server(LOCALHOST, plain, false);
                    return closed(plain);
                },
                "connection: LOST: byte stream: ",
                null),
        LEAVES_TLS(
                plain -> {
                    SSLSocket tls = Pki.server(LOCALHOST, plain, false);
                    plain.getOutputStream().write(NO_RECORD);
                    return tls;
                },
                "connection: LOST: byte stream: ",
                null),
        SAYS_NOTHING(
                plain -> Pki.server(LOCALHOST, plain, false),
                "no handshake of headgate in time (expected: within " + SHORT + ")",
                null);

        final Script script;
        final String ownWire;
        final String wireOf2017;

        Server(Script script, String ownWire, String wireOf2017) {
            this.script = script;
            this.ownWire = ownWire;
            this.wireOf2017 = wireOf2017;
        }

        private static Socket closed(Socket socket) throws IOException {
            socket.close();
            return socket;
        }

        private static void readsHello(Socket plain) throws IOException {
            plain.getInputStream().readNBytes(5);
        }
    }

    private RpcClientSpec toward(Server server, Dialect dialect) throws IOException {
        ServerSocket listening = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"));
        open.add(listening);
        CompletableFuture.runAsync(() -> {
            try {
                run(server.script, listening.accept());
            } catch (IOException refusedByTheClient) {
                // as some of them are
            }
        });
        return RpcClientSpec.of("tls://127.0.0.1:" + listening.getLocalPort(), dialect)
                .withTls(ClientTls.DEFAULTS.withTrust(PKI.trust()))
                .withConnectTimeout(server.ownWire.contains(" in time ") ? SHORT : LONG);
    }

    @ParameterizedTest
    @EnumSource
    @Execution(ExecutionMode.CONCURRENT)
    void aClientOfTheOwnWireNamesWhatItsServerDid(Server server) throws IOException {
        RpcClientSpec spec = toward(server, HeadgateWire.DIALECT);
        RpcException failure = failure(RpcClient.connect(spec));
        assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
        assertThat(failure.is(Trait.RETRYABLE)).isTrue();
        assertThat(failure.getMessage())
                .startsWith(spec.address() + ": " + server.ownWire)
                .hasSizeLessThan(400);
    }

    @ParameterizedTest
    @EnumSource
    @Execution(ExecutionMode.CONCURRENT)
    void aClientOfTheWireOf2017NamesWhatItsServerDid(Server server) throws IOException {
        RpcClientSpec spec = toward(server, ZreplWire.DIALECT);
        if (server.wireOf2017 != null) {
            RpcException failure = failure(RpcClient.connect(spec));
            assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
            assertThat(failure.is(Trait.RETRYABLE)).isTrue();
            assertThat(failure.getMessage()).startsWith(spec.address() + ": " + server.wireOf2017);
            return;
        }
        RpcConnection connection = RpcClient.connect(spec).block(LONG); // its dialect has no handshake
        RpcException failure = failure(Steps.text(connection.call(steps.request("echo", Content.JSON, steps.one("x"))
                .withDeadline(Deadline.after(server == Server.SAYS_NOTHING ? Duration.ofMillis(50) : LONG)))));
        if (server == Server.SAYS_NOTHING) {
            assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED);
            connection.abort("enough");
        } else {
            assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
            assertThat(connection.closed().block(LONG).kind()).isEqualTo(Ending.Kind.LOST);
        }
        assertThat(connection.closed().block(LONG).isClean()).isFalse();
    }

    // ---- our server and what is no client

    /** What a client does, and what the server makes of it. */
    enum Client {
        IS_SILENT(plain -> plain, Told.FAILED_HANDSHAKE),
        IS_SILENT_AMID_A_RECORD(
                plain -> {
                    plain.getOutputStream().write(HALF_A_RECORD);
                    return plain;
                },
                Told.FAILED_HANDSHAKE),
        IS_GONE(Server::closed, Told.NOTHING),
        IS_GONE_AMID_A_RECORD(
                plain -> {
                    plain.getOutputStream().write(HALF_A_RECORD);
                    return Server.closed(plain);
                },
                Told.NOTHING),
        SPEAKS_NO_TLS(
                plain -> {
                    plain.getOutputStream().write(NO_RECORD);
                    return plain;
                },
                Told.FAILED_HANDSHAKE),
        DOES_NOT_TRUST(
                plain -> {
                    try {
                        return Pki.client(STRANGER, plain, "localhost");
                    } catch (IOException expected) {
                        return Server.closed(plain);
                    }
                },
                Told.FAILED_HANDSHAKE),
        SAYS_NOTHING(Client::shaken, Told.SILENT_OR_STRANGER),
        LEAVES(plain -> Server.closed(shaken(plain)), Told.LOST_UNLESS_UNKNOWN),
        IS_CUT_OFF(
                plain -> {
                    shaken(plain);
                    return Server.closed(plain);
                },
                Told.LOST_UNLESS_UNKNOWN),
        LEAVES_TLS(
                plain -> {
                    SSLSocket tls = shaken(plain);
                    plain.getOutputStream().write(NO_RECORD);
                    return tls;
                },
                Told.LOST_UNLESS_UNKNOWN),
        IS_CUT_OFF_AMID_A_FRAME(
                plain -> {
                    SSLSocket tls = Pki.client(ANYBODY, plain, "localhost");
                    tls.getOutputStream().write("headgate-rpc 1-1\n\0\0".getBytes(StandardCharsets.US_ASCII));
                    return Server.closed(plain);
                },
                Told.LOST),
        LEAVES_AMID_A_FRAME_OF_2017(
                plain -> {
                    SSLSocket tls = Pki.client(ANYBODY, plain, "localhost");
                    tls.getOutputStream().write(new byte[] {1, 1, 72, 0});
                    return Server.closed(tls);
                },
                Told.LOST);

        /** What the server knows then. */
        enum Told {
            NOTHING,
            FAILED_HANDSHAKE,
            SILENT_OR_STRANGER,
            LOST_UNLESS_UNKNOWN,
            LOST
        }

        final Script script;
        final Told told;

        Client(Script script, Told told) {
            this.script = script;
            this.told = told;
        }

        boolean isWaitedFor() {
            return name().contains("SILENT") || this == SAYS_NOTHING;
        }

        /** In TLS 1.2 the server has the last word of the handshake, so that it has ended on both sides. */
        private static SSLSocket shaken(Socket plain) throws IOException {
            SSLSocket tls = (SSLSocket) ANYBODY.getSocketFactory().createSocket(plain, "localhost", 0, true);
            tls.setEnabledProtocols(new String[] {"TLSv1.2"});
            tls.startHandshake();
            return tls;
        }
    }

    private RpcServer server(ServerTls tls, Duration patience, Dialect first, Dialect... more) {
        RpcServerSpec spec = RpcServerSpec.of("tls://127.0.0.1:0", first, more)
                .withRpc(RpcSpec.DEFAULTS.withSettings(
                        RpcSettings.builder().handshake(patience).build()))
                .withTls(tls.withHandshakeTimeout(patience))
                .withFirstByte(patience)
                .withHandlers(arrival -> {
                    arrival.connection().closed().subscribe(endings::add);
                    return steps.desk().echo();
                });
        RpcServer server = RpcServer.bind(spec).block(LONG);
        open.add(() -> server.closeAsync(Duration.ZERO).block(LONG));
        return server;
    }

    private ServerTls protection() {
        return ServerTls.of(PKI.credential("127.0.0.1", "localhost"));
    }

    private RpcConnection friend(RpcServer server) {
        RpcConnection friend = RpcClient.connect(RpcClientSpec.of(server.address(), HeadgateWire.DIALECT)
                        .withTls(ClientTls.DEFAULTS.withTrust(PKI.trust())))
                .block(LONG);
        assertThat(steps.unary(friend, "echo", "before").block(LONG)).isEqualTo("before");
        return friend;
    }

    private void assertGoesOn(RpcConnection friend) {
        assertThat(steps.unary(friend, "echo", "after").block(LONG)).isEqualTo("after");
        friend.closeAsync(LONG).block(LONG);
        assertThat(friend.closed().block(LONG).kind()).isEqualTo(Ending.Kind.CLEAN);
    }

    static Stream<Arguments> servers() {
        return Arrays.stream(Client.values())
                .flatMap(client -> Stream.of(
                        arguments(client, List.of(HeadgateWire.DIALECT)),
                        arguments(client, List.of(HeadgateWire.DIALECT, ZreplWire.DIALECT))))
                .filter(each ->
                        each.get()[0] != Client.LEAVES_AMID_A_FRAME_OF_2017 || ((List<?>) each.get()[1]).size() == 2);
    }

    @ParameterizedTest
    @MethodSource("servers")
    @Execution(ExecutionMode.CONCURRENT)
    void aServerNamesWhatItsClientDidAndServesTheOthers(Client client, List<Dialect> dialects) throws Exception {
        RpcServer server = server(
                protection(),
                client.isWaitedFor() ? SHORT : LONG,
                dialects.get(0),
                dialects.subList(1, dialects.size()).toArray(Dialect[]::new));
        RpcConnection friend = friend(server);
        run(client.script, new Socket("127.0.0.1", server.port()));
        await().until(() -> server.stats().accepted() == 2 && server.stats().connections() == 1);
        assertThat(server.stats().failedHandshakes()).isEqualTo(client.told == Client.Told.FAILED_HANDSHAKE ? 1 : 0);
        boolean one = dialects.size() == 1;
        List<Ending.Kind> ended = switch (client.told) {
            case NOTHING, FAILED_HANDSHAKE -> List.of();
            case SILENT_OR_STRANGER -> one ? List.of(Ending.Kind.SILENT) : List.of();
            case LOST_UNLESS_UNKNOWN -> one ? List.of(Ending.Kind.LOST) : List.of();
            case LOST -> List.of(Ending.Kind.LOST);
        };
        await().untilAsserted(() -> assertThat(endings).extracting(Ending::kind).isEqualTo(ended));
        boolean stranger = !one && (client.told == Client.Told.SILENT_OR_STRANGER);
        assertThat(server.stats().strangers()).isEqualTo(stranger ? 1 : 0);
        assertGoesOn(friend);
    }

    // ---- both are ours

    @Test
    void aClientWithoutACertificateIsRefusedWhereOneIsRequired() {
        ServerTls required = protection().withClientAuth(ServerTls.ClientAuth.REQUIRED, PKI.trust());
        for (Dialect dialect : List.of(HeadgateWire.DIALECT, ZreplWire.DIALECT)) {
            RpcServer server = server(required, LONG, dialect);
            RpcClient client = RpcClient.of(
                    RpcClientSpec.of(server.address(), dialect).withTls(ClientTls.DEFAULTS.withTrust(PKI.trust())));
            RpcException failure = failure(client.call(steps.request("echo", "x")));
            assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
            assertThat(failure.getMessage()).contains("connection: ");
            await().until(() -> server.stats().failedHandshakes() == 1);
            assertThat(server.connections()).isEmpty();
            client.closeAsync(Duration.ZERO).block(LONG);
        }
        assertThat(endings).isEmpty();
    }

    /** Without sockets, whose resets may overtake an alert. */
    @Test
    void aClientThatIsRefusedIsToldWhyByAnAlert() throws IOException {
        ServerTls required = protection().withClientAuth(ServerTls.ClientAuth.REQUIRED, PKI.trust());
        ServerContexts contexts = ServerContexts.open(required).block(LONG);
        open.add(contexts::dispose);
        Guests guests = new Guests(
                RpcServerSpec.of("tls://127.0.0.1:0", HeadgateWire.DIALECT).withTls(required), contexts);
        SslHandler tls = SslContextBuilder.forClient()
                .sslProvider(SslProvider.JDK)
                .trustManager(PKI.trust().certificates())
                .endpointIdentificationAlgorithm("")
                .protocols("TLSv1.2")
                .build()
                .newHandler(ByteBufAllocator.DEFAULT);
        EmbeddedChannel server = new EmbeddedChannel();
        FirstByte.install(server, guests, contexts);
        EmbeddedChannel client = new EmbeddedChannel(tls);
        while (carried(client, server) || carried(server, client)) {
            server.runPendingTasks();
        }
        assertThat(tls.handshakeFuture().cause())
                .isInstanceOf(SSLException.class)
                .hasMessageContaining("alert");
        assertThat(server.isActive()).isFalse();
        assertThat(contexts.failedHandshakes().sum()).isEqualTo(1);
        for (EmbeddedChannel channel : List.of(client, server)) {
            channel.close();
            channel.releaseInbound();
            channel.releaseOutbound();
        }
    }

    private static boolean carried(EmbeddedChannel from, EmbeddedChannel to) {
        boolean any = false;
        for (ByteBuf bytes = from.readOutbound(); bytes != null; bytes = from.readOutbound()) {
            any = true;
            to.pipeline().fireChannelRead(bytes);
        }
        to.pipeline().fireChannelReadComplete();
        return any;
    }

    @Test
    void aServerThatIsRefusedIsToldWhyByAnAlert() throws IOException {
        try (ServerSocket listening = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            RpcClient.connect(RpcClientSpec.of("tls://127.0.0.1:" + listening.getLocalPort(), HeadgateWire.DIALECT)
                            .withTls(ClientTls.DEFAULTS.withTrust(PKI.trust())))
                    .subscribe(connected -> {}, refused -> {});
            try (Socket plain = listening.accept()) {
                assertThatThrownBy(() -> Pki.server(ELSEWHERE, plain, false)
                                .getInputStream()
                                .read())
                        .isInstanceOf(SSLException.class)
                        .hasMessageContaining("alert");
            }
        }
    }

    @Test
    void bothKnowOfACleanEndWhoeverBeganItAndNoByteIsLeft() {
        for (Dialect dialect : List.of(HeadgateWire.DIALECT, ZreplWire.DIALECT)) {
            for (boolean clientCloses : new boolean[] {true, false}) {
                RpcServer server = server(protection(), LONG, dialect);
                RpcConnection client = RpcClient.connect(RpcClientSpec.of(server.address(), dialect)
                                .withTls(ClientTls.DEFAULTS.withTrust(PKI.trust())))
                        .block(LONG);
                assertThat(steps.unary(client, "echo", "x").block(LONG)).isEqualTo("x");
                endings.clear();
                (clientCloses ? client.closeAsync(LONG) : server.closeAsync(LONG)).block(LONG);
                assertThat(client.closed().block(LONG).kind()).isEqualTo(Ending.Kind.CLEAN);
                await().until(() -> !endings.isEmpty());
                assertThat(endings).extracting(Ending::kind).containsExactly(Ending.Kind.CLEAN);
            }
        }
    }

    @Test
    void aStrangerIsToldWhatTheServerSpeaksHoweverMuchItSays() throws IOException {
        RpcServer server = server(protection(), LONG, HeadgateWire.DIALECT, ZreplWire.DIALECT);
        for (int i = 0; i < 5; i++) {
            try (Socket plain = new Socket("127.0.0.1", server.port());
                    SSLSocket tls = Pki.client(ANYBODY, plain, "localhost")) {
                tls.getOutputStream().write(Arrays.copyOf(NO_RECORD, 48 * 1024));
                String told = new String(tls.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
                assertThat(told).startsWith("headgate RPC: first byte: 0x47 (expected: that of ");
            }
        }
        assertThat(server.stats().strangers()).isEqualTo(5);
    }
}
