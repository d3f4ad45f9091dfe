package io.headgate.rpc.net;

import io.headgate.rpc.Both;
import io.headgate.rpc.Dialect;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.Steps;
import io.headgate.tls.ClientTls;
import io.headgate.tls.Pki;
import io.headgate.tls.ServerTls;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import reactor.netty.resources.LoopResources;

/** Makes connections through a server and a client, with an allocator that notices what is not released. */
final class SocketPair implements AutoCloseable {

    private static final Pki PKI = new Pki();

    /** For all tests: io_uring spins when a loop ends, which BlockHound takes for blocking. */
    private static final LoopResources LOOPS = LoopResources.create("rpc-test", 1, 2, true, false);

    private final String address;
    private final Dialect dialect;
    private final ByteBufAllocator allocator;
    private final List<RpcServer> servers = new ArrayList<>();
    private final Queue<Channel> channels = new ConcurrentLinkedQueue<>();

    SocketPair(String address, Dialect dialect, ByteBufAllocator allocator) {
        this.address = address;
        this.dialect = dialect;
        this.allocator = allocator;
    }

    Both connect(RpcSpec client, RpcSpec server) {
        Spy here = new Spy(dialect, allocator);
        Spy there = new Spy(dialect, allocator);
        RpcServerSpec listen = RpcServerSpec.of(address, there).withRpc(server).withLoops(LOOPS);
        boolean tls = listen.address().scheme() == RpcAddress.Scheme.TLS;
        if (tls) {
            listen = listen.withTls(ServerTls.of(PKI.credential("localhost", "127.0.0.1")));
        }
        RpcServer open = RpcServer.bind(listen).block(Steps.LONG);
        servers.add(open);
        RpcConnection connection = RpcClient.connect(RpcClientSpec.of(open.address(), here)
                        .withRpc(client)
                        .withTls(ClientTls.DEFAULTS.withTrust(PKI.trust()))
                        .withLoops(LOOPS))
                .block(Steps.LONG);
        Steps.await().until(() -> !open.connections().isEmpty());
        channels.addAll(here.channels);
        channels.addAll(there.channels);
        return new Both(
                connection,
                open.connections().get(0),
                () -> here.channels.peek().close());
    }

    /** Of both sides. */
    List<Channel> channels() {
        return List.copyOf(channels);
    }

    @Override
    public void close() {
        servers.forEach(server -> server.closeAsync(Duration.ZERO).block(Steps.LONG));
    }

    /** A dialect that remembers its channels and makes them allocate where it is noticed. */
    private static final class Spy implements Dialect {

        private final Dialect dialect;
        private final ByteBufAllocator allocator;
        private final Queue<Channel> channels = new ConcurrentLinkedQueue<>();

        Spy(Dialect dialect, ByteBufAllocator allocator) {
            this.dialect = dialect;
            this.allocator = allocator;
        }

        @Override
        public String name() {
            return dialect.name();
        }

        @Override
        public boolean beginsWith(int firstByte) {
            return dialect.beginsWith(firstByte);
        }

        @Override
        public RpcConnection connect(Channel channel, Side side, RpcSpec spec) {
            channel.config().setAllocator(allocator);
            channels.add(channel);
            return dialect.connect(channel, side, spec);
        }
    }
}
