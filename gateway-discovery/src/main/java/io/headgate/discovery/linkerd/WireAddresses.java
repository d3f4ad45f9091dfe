package io.headgate.discovery.linkerd;

import io.headgate.discovery.linkerd.internal.wire.IPAddress;
import io.headgate.discovery.linkerd.internal.wire.IPv6;
import io.headgate.discovery.linkerd.internal.wire.TcpAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Socket addresses as the wire spells them: integers, big-endian. */
final class WireAddresses {

    private static final int PORT_BITS = 0xffff;

    private WireAddresses() {}

    /** Returns null for what is no address, or no port. */
    static @Nullable InetSocketAddress decode(TcpAddress wire) {
        int port = wire.getPort() & PORT_BITS; // what is above is cut off, as by Linkerd
        byte[] ip = switch (wire.getIp().getIpCase()) {
            case IPV4 -> ByteBuffer.allocate(4).putInt(wire.getIp().getIpv4()).array();
            case IPV6 -> {
                IPv6 six = wire.getIp().getIpv6();
                yield ByteBuffer.allocate(16)
                        .putLong(six.getFirst())
                        .putLong(six.getLast())
                        .array();
            }
            case IP_NOT_SET -> null;
        };
        return ip == null || port == 0 ? null : new InetSocketAddress(address(ip), port);
    }

    private static InetAddress address(byte[] ip) {
        try {
            return InetAddress.getByAddress(ip);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address has 4 or 16 bytes", e);
        }
    }

    /** Returns null for a host name: the wire has addresses only. */
    static @Nullable TcpAddress encode(InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        return ip == null
                ? null
                : TcpAddress.newBuilder()
                        .setIp(encode(ip.getAddress()))
                        .setPort(address.getPort())
                        .build();
    }

    private static IPAddress encode(byte[] ip) {
        ByteBuffer bytes = ByteBuffer.wrap(ip);
        return ip.length == 4
                ? IPAddress.newBuilder().setIpv4(bytes.getInt()).build()
                : IPAddress.newBuilder()
                        .setIpv6(IPv6.newBuilder().setFirst(bytes.getLong()).setLast(bytes.getLong()))
                        .build();
    }
}
