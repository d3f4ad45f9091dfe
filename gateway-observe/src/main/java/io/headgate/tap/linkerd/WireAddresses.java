package io.headgate.tap.linkerd;

import io.headgate.tap.linkerd.internal.wire.IPAddress;
import io.headgate.tap.linkerd.internal.wire.IPv6;
import io.headgate.tap.linkerd.internal.wire.TcpAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Addresses as the wire spells them: integers, big-endian. */
final class WireAddresses {

    private static final int PORT_BITS = 0xffff;

    private WireAddresses() {}

    // ---- from the wire

    /** Returns null for what is no address. */
    static @Nullable InetSocketAddress decode(TcpAddress wire) {
        byte[] ip = bytes(wire.getIp());
        return ip == null ? null : new InetSocketAddress(address(ip), wire.getPort() & PORT_BITS);
    }

    /** The 4 or 16 bytes of an address, or null when none is set. */
    static byte @Nullable [] bytes(IPAddress wire) {
        return switch (wire.getIpCase()) {
            case IPV4 -> ByteBuffer.allocate(4).putInt(wire.getIpv4()).array();
            case IPV6 ->
                ByteBuffer.allocate(16)
                        .putLong(wire.getIpv6().getFirst())
                        .putLong(wire.getIpv6().getLast())
                        .array();
            case IP_NOT_SET -> null;
        };
    }

    private static InetAddress address(byte[] ip) {
        try {
            return InetAddress.getByAddress(ip);
        } catch (UnknownHostException e) {
            throw new AssertionError("an address has 4 or 16 bytes", e);
        }
    }

    // ---- to the wire

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

    static IPAddress encode(byte[] ip) {
        ByteBuffer bytes = ByteBuffer.wrap(ip);
        return ip.length == 4
                ? IPAddress.newBuilder().setIpv4(bytes.getInt()).build()
                : IPAddress.newBuilder()
                        .setIpv6(IPv6.newBuilder().setFirst(bytes.getLong()).setLast(bytes.getLong()))
                        .build();
    }
}
