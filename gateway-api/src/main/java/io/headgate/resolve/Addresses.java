package io.headgate.resolve;

import io.netty.util.NetUtil;
import java.net.InetSocketAddress;

/** Socket addresses made without asking a name server. */
final class Addresses {

    private Addresses() {}

    static InetSocketAddress of(String host, int port) {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port: " + port + " of " + host + " (expected: 1..65535)");
        }
        if (host.isBlank()) {
            throw new IllegalArgumentException("host: '" + host + "' (expected: a name or an address)");
        }
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        String literal = bracketed ? host.substring(1, host.length() - 1) : host;
        return NetUtil.isValidIpV4Address(literal) || NetUtil.isValidIpV6Address(literal)
                ? new InetSocketAddress(NetUtil.createInetAddressFromIpAddressString(literal), port)
                : InetSocketAddress.createUnresolved(host, port);
    }
}
