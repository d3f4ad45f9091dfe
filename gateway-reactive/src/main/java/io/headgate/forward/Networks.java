package io.headgate.forward;

import io.netty.handler.ipfilter.IpFilterRule;
import io.netty.handler.ipfilter.IpFilterRuleType;
import io.netty.handler.ipfilter.IpSubnetFilterRule;
import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A set of IP networks, IPv4 and IPv6: whom to trust. An IPv4 address that came in the form of an IPv6 one
 * ({@code ::ffff:192.0.2.1}) is the IPv4 address. Immutable; any thread may ask.
 */
public final class Networks {

    /** No network: nobody is trusted. */
    public static final Networks NONE = new Networks(List.of(), List.of());

    private final List<IpFilterRule> rules;
    private final List<String> names;

    private Networks(List<IpFilterRule> rules, List<String> names) {
        this.rules = rules;
        this.names = names;
    }

    /**
     * The networks of some prefixes.
     *
     * @param prefixes {@code 10.0.0.0/8}, {@code fd00::/8}, or a single address; host names are not looked up
     * @return the set
     * @throws IllegalArgumentException when one is neither; the message names it
     */
    public static Networks of(String... prefixes) {
        return prefixes.length == 0
                ? NONE
                : new Networks(Stream.of(prefixes).map(Networks::rule).toList(), List.of(prefixes));
    }

    private static IpFilterRule rule(String prefix) {
        int slash = prefix.indexOf('/');
        InetAddress address = parse(slash < 0 ? prefix : prefix.substring(0, slash));
        if (address == null || address instanceof Inet4Address == prefix.contains(":")) {
            throw bad(prefix);
        }
        int bits = address instanceof Inet4Address ? 32 : 128;
        return new IpSubnetFilterRule(
                address, slash < 0 ? bits : length(prefix, slash + 1, bits), IpFilterRuleType.ACCEPT);
    }

    private static int length(String prefix, int start, int most) {
        String digits = prefix.substring(start);
        if (digits.isEmpty() || digits.length() > 3 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw bad(prefix);
        }
        int length = Integer.parseInt(digits);
        if (length > most) {
            throw bad(prefix);
        }
        return length;
    }

    private static IllegalArgumentException bad(String prefix) {
        return new IllegalArgumentException(
                "network: " + prefix + " (expected: an address, or an address and the length of a prefix: 10.0.0.0/8)");
    }

    /**
     * Tells whether an address is in one of the networks.
     *
     * @param address an address, or null when there is none
     * @return false for null, and for addresses that are not of IP
     */
    public boolean contains(@Nullable SocketAddress address) {
        InetAddress known = addressOf(address);
        return known != null && contains(known);
    }

    /**
     * Tells whether an address is in one of the networks.
     *
     * @param address the address
     * @return true when it is
     */
    public boolean contains(InetAddress address) {
        if (rules.isEmpty()) {
            return false;
        }
        InetSocketAddress probe = new InetSocketAddress(plain(address), 0);
        for (int i = 0; i < rules.size(); i++) {
            if (rules.get(i).matches(probe)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Tells whether there is no network.
     *
     * @return true when nobody is in
     */
    public boolean isEmpty() {
        return rules.isEmpty();
    }

    /**
     * The networks.
     *
     * @return their prefixes as they were given
     */
    public List<String> prefixes() {
        return names;
    }

    @Override
    public String toString() {
        return String.join(", ", names);
    }

    /** The IP address of an end of a connection, or null when it has none. */
    static @Nullable InetAddress addressOf(@Nullable SocketAddress address) {
        if (address instanceof InetSocketAddress socket && socket.getAddress() != null) {
            return plain(socket.getAddress());
        }
        return null;
    }

    /** An address of its text; names are not looked up. */
    static @Nullable InetAddress parse(String text) {
        if (!NetUtil.isValidIpV4Address(text) && !NetUtil.isValidIpV6Address(text)) {
            return null;
        }
        InetAddress address = NetUtil.createInetAddressFromIpAddressString(text);
        return address == null ? null : plain(address);
    }

    /** Without a scope, and as IPv4 where it is: the JDK turns the bytes of a mapped address into that. */
    private static InetAddress plain(InetAddress address) {
        if (address instanceof Inet4Address) {
            return address;
        }
        try {
            return InetAddress.getByAddress(address.getAddress());
        } catch (UnknownHostException e) {
            return address; // never: its bytes are those of an address
        }
    }
}
