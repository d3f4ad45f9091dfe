package io.headgate.mux.internal;

import io.headgate.http.ConnectionInfo;
import io.headgate.http.HttpVersion;
import io.headgate.http.RequestHead;
import io.headgate.http.TlsInfo;
import io.headgate.mux.Limit;
import io.headgate.mux.RequestException;
import io.netty.channel.Channel;
import io.netty.util.AttributeKey;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A connection of the mux, mostly one of a client; knows its event loop, so that upstream calls can stay on it. Observers of
 * limits are shown connections of upstreams in the same way.
 */
public final class FrontInfo implements ConnectionInfo {

    private static final AttributeKey<Ends> ANNOUNCED = AttributeKey.valueOf(FrontInfo.class, "announced");

    /** Both ends of a connection as a proxy in front of it announced them. */
    private record Ends(SocketAddress remote, SocketAddress local) {}

    private final Loop loop;
    private final @Nullable SocketAddress remote; // asked for now, because a closed channel may have forgotten it
    private final @Nullable SocketAddress local;
    private final HttpVersion version;
    private final @Nullable FrontTls tls;

    public FrontInfo(Loop loop, Channel channel, HttpVersion version, @Nullable FrontTls tls) {
        Ends announced = channel.hasAttr(ANNOUNCED) ? channel.attr(ANNOUNCED).get() : null;
        this.loop = loop;
        this.remote = announced == null ? channel.remoteAddress() : announced.remote;
        this.local = announced == null ? channel.localAddress() : announced.local;
        this.version = version;
        this.tls = tls;
    }

    /** Sets the ends of a connection that came through a proxy which told them; before the connection is spoken on. */
    public static void announce(Channel channel, SocketAddress remote, SocketAddress local) {
        channel.attr(ANNOUNCED).set(new Ends(remote, local));
    }

    public Loop loop() {
        return loop;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return remote;
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return local;
    }

    @Override
    public HttpVersion version() {
        return version;
    }

    @Override
    public boolean isSecure() {
        return tls != null;
    }

    @Override
    public @Nullable TlsInfo tls() {
        return tls == null ? null : tls.info();
    }

    /**
     * Refuses a request that does not belong on this connection; on one in cleartext all do, and the host of a tunnel is another.
     *
     * @throws RequestException when it does not
     */
    void checkTaken(RequestHead head) {
        if (tls != null && !tls.takes(head.authority()) && !head.method().equals("CONNECT")) {
            throw new RequestException(
                    421,
                    Limit.AUTHORITY,
                    "authority: " + head.authority()
                            + " (expected: a host that the certificate of this connection is for)");
        }
    }

    @Override
    public String toString() {
        return version + " from " + remoteAddress();
    }
}
