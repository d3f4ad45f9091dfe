package io.headgate.tap.linkerd;

import io.headgate.forward.Networks;
import io.headgate.tap.linkerd.internal.wire.ObserveRequest.Match;
import io.headgate.tap.linkerd.internal.wire.ObserveRequest.Match.Tcp.Netmask;
import io.netty.util.NetUtil;
import java.util.List;
import java.util.StringJoiner;
import java.util.stream.Stream;

/** Networks as the wire spells them: an address and the length of a prefix, which is never 0. */
final class WireNetworks {

    private WireNetworks() {}

    // ---- from the wire

    static Networks decode(String name, Netmask wire) {
        byte[] ip = WireAddresses.bytes(wire.getIp());
        if (ip == null) {
            throw WireMatches.invalid(name + " netmask", "no address", "ipv4 or ipv6");
        }
        int bits = ip.length * Byte.SIZE;
        long mask = Integer.toUnsignedLong(wire.getMask());
        WireMatches.check(
                name + " netmask", mask > 0 && mask <= bits, text(ip) + "/" + mask, "a prefix of 1.." + bits + " bits");
        return Networks.of(text(ip) + "/" + mask);
    }

    /** By hand: the JDK would make an IPv4 address of one that is mapped, and its prefix would be too long. */
    private static String text(byte[] ip) {
        if (ip.length == 4) {
            return NetUtil.bytesToIpAddress(ip);
        }
        StringJoiner groups = new StringJoiner(":");
        for (int i = 0; i < ip.length; i += 2) {
            groups.add(Integer.toHexString(((ip[i] & 0xff) << Byte.SIZE) | (ip[i + 1] & 0xff)));
        }
        return groups.toString();
    }

    // ---- to the wire

    /** One for each prefix, and two for one of no length: its halves. */
    static List<Netmask> encode(Networks networks) {
        return networks.prefixes().stream().flatMap(WireNetworks::masks).toList();
    }

    private static Stream<Netmask> masks(String prefix) {
        int slash = prefix.indexOf('/');
        byte[] ip = NetUtil.createByteArrayFromIpAddressString(slash < 0 ? prefix : prefix.substring(0, slash));
        int mask = slash < 0 ? ip.length * Byte.SIZE : Integer.parseInt(prefix.substring(slash + 1));
        if (mask > 0) {
            return Stream.of(mask(ip, mask));
        }
        byte[] lower = new byte[ip.length];
        byte[] upper = new byte[ip.length];
        upper[0] = (byte) 0x80;
        return Stream.of(mask(lower, 1), mask(upper, 1));
    }

    private static Netmask mask(byte[] ip, int mask) {
        return Netmask.newBuilder()
                .setIp(WireAddresses.encode(ip))
                .setMask(mask)
                .build();
    }

    static Match.Tcp tcp(Netmask mask) {
        return Match.Tcp.newBuilder().setNetmask(mask).build();
    }
}
