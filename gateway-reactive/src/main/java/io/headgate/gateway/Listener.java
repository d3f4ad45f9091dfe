package io.headgate.gateway;

import io.headgate.tls.internal.ServerContexts;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** An open port. Any thread may use it. */
public final class Listener {

    private final Channel channel;
    private final @Nullable ServerContexts tls;

    Listener(Channel channel, @Nullable ServerContexts tls) {
        this.channel = channel;
        this.tls = tls;
    }

    /**
     * Where it listens; with the port that the system chose when port 0 was asked for.
     *
     * @return the bound address
     */
    public InetSocketAddress address() {
        return (InetSocketAddress) channel.localAddress();
    }

    /**
     * The port that it listens on.
     *
     * @return 1 to 65535
     */
    public int port() {
        return address().getPort();
    }

    /**
     * What TLS has done, and which certificates it serves now.
     *
     * @return the counts, or null for a listener in cleartext
     */
    public @Nullable TlsStats tls() {
        return tls == null
                ? null
                : new TlsStats(tls.handshakes().sum(), tls.failedHandshakes().sum(), tls.certificates());
    }

    /**
     * Stops to accept connections; those that are open go on until the gateway closes.
     *
     * @return completes when the port is free
     */
    public Mono<Void> closeAsync() {
        return Mono.create(sink -> channel.close().addListener(closed -> sink.success()));
    }

    /**
     * Waits for the end of the listener.
     *
     * @return completes when it has been closed
     */
    public Mono<Void> onClose() {
        return Mono.create(sink -> channel.closeFuture().addListener(closed -> sink.success()));
    }

    @Override
    public String toString() {
        return "listener on " + channel.localAddress();
    }
}
