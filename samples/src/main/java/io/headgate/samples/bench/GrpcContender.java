package io.headgate.samples.bench;

import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.SocketAddress;
import java.util.EnumSet;
import java.util.Set;
import java.util.function.Function;

/** grpc-java on Netty, with a marshaller that knows arrays of bytes, and everything on the event loop. */
final class GrpcContender implements Contender {

    private static final String IN_PROCESS = "rpc-bench";
    private static final int MOST = 32 << 20;

    private final int windowMiB;
    private final Function<Link, Sockets> channels = Sockets.best();

    GrpcContender(int windowMiB) {
        this.windowMiB = windowMiB;
    }

    @Override
    public String name() {
        return "grpc-java " + windowMiB + " MiB";
    }

    @Override
    public Set<Link> links() {
        return windowMiB == 1 ? EnumSet.allOf(Link.class) : EnumSet.of(Link.TCP, Link.UNIX); // no window in process
    }

    @Override
    public Host serve(Link link, SocketAddress where) throws IOException {
        Sockets sockets = channels.apply(link);
        BindableService service = GrpcAnswering.service();
        Server server = link == Link.LOCAL
                ? InProcessServerBuilder.forName(IN_PROCESS)
                        .directExecutor()
                        .addService(service)
                        .build()
                : NettyServerBuilder.forAddress(sockets.address(where))
                        .bossEventLoopGroup(sockets.loop())
                        .workerEventLoopGroup(sockets.loop())
                        .channelType(sockets.serverType())
                        .flowControlWindow(windowMiB << 20)
                        .maxInboundMessageSize(MOST)
                        .directExecutor()
                        .addService(service)
                        .build();
        server.start();
        return new Host() {
            @Override
            public SocketAddress address() {
                return link == Link.TCP ? server.getListenSockets().get(0) : where;
            }

            @Override
            public void close() {
                server.shutdownNow();
            }
        };
    }

    @Override
    public Caller connect(Link link, SocketAddress where) {
        Sockets sockets = channels.apply(link);
        ManagedChannel channel = link == Link.LOCAL
                ? InProcessChannelBuilder.forName(IN_PROCESS).directExecutor().build()
                : NettyChannelBuilder.forAddress(sockets.address(where))
                        .eventLoopGroup(sockets.loop())
                        .channelType(sockets.type())
                        .flowControlWindow(windowMiB << 20)
                        .maxInboundMessageSize(MOST)
                        .usePlaintext()
                        .directExecutor()
                        .build();
        return new GrpcCaller(channel, channel::shutdownNow);
    }
}
