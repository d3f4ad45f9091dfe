package io.headgate.sync.metrics;

import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.netty.Connection;
import reactor.netty.tcp.TcpClient;

/**
 * Tries whether a port takes connections, by one that sends its end at once: whoever serves it closes then, whatever the protocol. That the
 * system completes a connection would prove nothing, it does so for a while when nobody accepts.
 */
final class AcceptProbe {

    private AcceptProbe() {}

    /** Empty when it does, or what is wrong. */
    static Mono<String> of(InetSocketAddress listening, Duration patience, Scheduler timer) {
        InetSocketAddress address = reachable(listening);
        return TcpClient.newConnection()
                .remoteAddress(() -> address)
                .connect()
                .flatMap(AcceptProbe::isClosed)
                .timeout(patience, timer)
                .then(Mono.<String>empty())
                .onErrorResume(e -> Mono.just("accept: " + address + ": "
                        + (e instanceof TimeoutException ? "no answer within " + patience : e.getMessage())));
    }

    private static InetSocketAddress reachable(InetSocketAddress listening) {
        InetAddress address = listening.getAddress();
        return address != null && address.isAnyLocalAddress()
                ? new InetSocketAddress(InetAddress.getLoopbackAddress(), listening.getPort())
                : listening;
    }

    private static Mono<Void> isClosed(Connection connection) {
        Channel channel = connection.channel();
        if (channel instanceof DuplexChannel both) {
            both.shutdownOutput();
        }
        return connection
                .inbound()
                .receive()
                .then()
                .onErrorComplete() // a reset is an answer, too
                .doFinally(signal -> connection.dispose());
    }
}
