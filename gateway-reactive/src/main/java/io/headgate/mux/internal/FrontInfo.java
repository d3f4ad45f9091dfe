package io.headgate.mux.internal;

import io.headgate.http.ConnectionInfo;
import io.headgate.http.HttpVersion;
import io.netty.channel.Channel;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * A connection of the mux, mostly one of a client; knows its event loop, so that upstream calls can stay on it. Observers of
 * limits are shown connections of upstreams in the same way.
 */
public final class FrontInfo implements ConnectionInfo {

    private final Loop loop;
    private final Channel channel;
    private final HttpVersion version;
    private final boolean secure;

    public FrontInfo(Loop loop, Channel channel, HttpVersion version, boolean secure) {
        this.loop = loop;
        this.channel = channel;
        this.version = version;
        this.secure = secure;
    }

    public Loop loop() {
        return loop;
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return channel.remoteAddress();
    }

    @Override
    public @Nullable SocketAddress localAddress() {
        return channel.localAddress();
    }

    @Override
    public HttpVersion version() {
        return version;
    }

    @Override
    public boolean isSecure() {
        return secure;
    }

    @Override
    public String toString() {
        return version + " from " + remoteAddress();
    }
}
