package io.headgate.discovery.dns;

import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Resolver;
import io.headgate.resolve.SourceAges;
import io.headgate.test.ResolverContract;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import reactor.core.scheduler.Scheduler;

class DnsResolverContractTest extends ResolverContract {

    private static final String HOST = "orders.test";

    private static MultiThreadIoEventLoopGroup loops;

    @BeforeAll
    static void startLoops() {
        loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    }

    @AfterAll
    static void stopLoops() {
        loops.shutdownGracefully().syncUninterruptibly();
    }

    @Override
    protected Source open(Scheduler timer) throws Exception {
        EventLoop loop = (EventLoop) loops.next();
        NameServer server = new NameServer(loop);
        SourceAges ages = SourceAges.create();
        Resolver resolver = DnsResolver.on(
                        loop,
                        settings -> settings.datagramChannelType(NioDatagramChannel.class)
                                .nameServerProvider(new SingletonDnsServerAddressStreamProvider(server.address())))
                .withScheduler(timer)
                .withObserver(ages);
        return new Source() {
            @Override
            public Resolver resolver() {
                return resolver;
            }

            @Override
            public String name() {
                return HOST + ":8080";
            }

            @Override
            public void set(List<Endpoint> endpoints) {
                server.addresses(
                        HOST,
                        1,
                        endpoints.stream()
                                .map(endpoint -> endpoint.address().getHostString())
                                .toArray(String[]::new));
            }

            @Override
            public void absent() {
                server.forget(HOST);
            }

            @Override
            public boolean fails() {
                return true;
            }

            @Override
            public void breakDown() {
                server.fail(DnsResponseCode.SERVFAIL);
            }

            @Override
            public void heal() {
                server.fail(null);
            }

            @Override
            public boolean isReleased() {
                return ages.all().isEmpty();
            }

            @Override
            public void close() {
                server.close();
            }
        };
    }
}
