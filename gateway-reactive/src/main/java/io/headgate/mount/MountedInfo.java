package io.headgate.mount;

import io.headgate.http.ConnectionInfo;
import io.headgate.http.HttpVersion;
import java.net.SocketAddress;
import org.jspecify.annotations.Nullable;
import reactor.netty.http.server.HttpServerRequest;

/** A client connection of the server; its addresses are those that the server was told to believe in. */
record MountedInfo(
        @Nullable SocketAddress remoteAddress,
        @Nullable SocketAddress localAddress,
        HttpVersion version,
        boolean isSecure)
        implements ConnectionInfo {

    static MountedInfo of(HttpServerRequest request, HttpVersion version) {
        return new MountedInfo(
                request.remoteAddress(),
                request.hostAddress(),
                version,
                request.connectionScheme().equals("https"));
    }
}
