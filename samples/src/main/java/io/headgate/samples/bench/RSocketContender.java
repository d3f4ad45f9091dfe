package io.headgate.samples.bench;

import io.netty.channel.local.LocalAddress;
import io.rsocket.Closeable;
import io.rsocket.RSocket;
import io.rsocket.SocketAcceptor;
import io.rsocket.core.RSocketConnector;
import io.rsocket.core.RSocketServer;
import io.rsocket.frame.decoder.PayloadDecoder;
import io.rsocket.transport.ClientTransport;
import io.rsocket.transport.ServerTransport;
import io.rsocket.transport.local.LocalClientTransport;
import io.rsocket.transport.local.LocalServerTransport;
import io.rsocket.transport.netty.client.TcpClientTransport;
import io.rsocket.transport.netty.server.CloseableChannel;
import io.rsocket.transport.netty.server.TcpServerTransport;
import java.net.SocketAddress;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import reactor.netty.resources.ConnectionProvider;
import reactor.netty.resources.LoopResources;
import reactor.netty.tcp.TcpClient;
import reactor.netty.tcp.TcpServer;

/** rsocket-java on Reactor Netty, without copies where it can do without, and without fragmentation. */
final class RSocketContender implements Contender {

    private static final String IN_PROCESS = "rpc-bench";

    private final Function<Link, Sockets> channels = Sockets.best();

    @Override
    public String name() {
        return "rsocket-java";
    }

    @Override
    public Set<Link> links() {
        return EnumSet.allOf(Link.class);
    }

    @Override
    public Host serve(Link link, SocketAddress where) {
        Closeable listening = Objects.requireNonNull(RSocketServer.create(SocketAcceptor.with(new RSocketAnswering()))
                .payloadDecoder(PayloadDecoder.ZERO_COPY)
                .bind(server(link, where))
                .block());
        return new Host() {
            @Override
            public SocketAddress address() {
                return listening instanceof CloseableChannel tcp && link == Link.TCP ? tcp.address() : where;
            }

            @Override
            public void close() {
                listening.dispose();
            }
        };
    }

    private ServerTransport<? extends Closeable> server(Link link, SocketAddress where) {
        return link == Link.LOCAL
                ? LocalServerTransport.create(IN_PROCESS)
                : TcpServerTransport.create(
                        TcpServer.create().runOn(loop(link)).bindAddress(() -> Sockets.domain(where)));
    }

    @Override
    public Caller connect(Link link, SocketAddress where) {
        RSocket socket = Objects.requireNonNull(RSocketConnector.create()
                .payloadDecoder(PayloadDecoder.ZERO_COPY)
                .connect(client(link, where))
                .block());
        return new RSocketCaller(socket);
    }

    private ClientTransport client(Link link, SocketAddress where) {
        return link == Link.LOCAL || where instanceof LocalAddress
                ? LocalClientTransport.create(IN_PROCESS)
                : TcpClientTransport.create(TcpClient.create(ConnectionProvider.newConnection())
                        .runOn(loop(link))
                        .remoteAddress(() -> Sockets.domain(where)));
    }

    /** The loop that all others have; Reactor Netty would choose io_uring where it can. */
    private LoopResources loop(Link link) {
        return isNative -> channels.apply(link).loop();
    }
}
