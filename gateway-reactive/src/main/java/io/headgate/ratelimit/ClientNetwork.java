package io.headgate.ratelimit;

import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/**
 * The network that one client has for itself in IPv6.
 *
 * @param prefix the first 64 bits
 */
record ClientNetwork(long prefix) implements Comparable<ClientNetwork> {

    private static final int ADDRESS_BYTES = 16;

    /** An IPv4 address as it is, or the network of an IPv6 one. */
    static Object of(InetAddress address) {
        return address instanceof Inet4Address
                ? address
                : new ClientNetwork(ByteBuffer.wrap(address.getAddress()).getLong());
    }

    /** Lets a hash table that strangers have filled with collisions be a tree. */
    @Override
    public int compareTo(ClientNetwork other) {
        return Long.compare(prefix, other.prefix);
    }

    @Override
    public String toString() {
        byte[] bytes = ByteBuffer.allocate(ADDRESS_BYTES).putLong(prefix).array();
        try {
            return Inet6Address.getByAddress(null, bytes, -1).getHostAddress() + "/64";
        } catch (UnknownHostException e) {
            throw new IllegalStateException("address: of " + bytes.length + " bytes (expected: 16)", e);
        }
    }
}
