package io.headgate.resolve;

import io.headgate.Key;
import io.headgate.http.ExchangeNotes;
import java.net.InetSocketAddress;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One place where a service is offered, with what its source says about it. An endpoint is known by its address: two with
 * equal addresses are the same one at different times.
 *
 * @param address where it listens; unresolved for a host name, which is looked up for each connection
 * @param protocol what it is spoken to
 * @param tls who it must prove to be, or null for cleartext
 * @param authority what requests to it say in Host or {@code :authority} instead of what they came with, or null
 * @param weight its share of the traffic compared with others, {@link #NORMAL_WEIGHT} unless the source knows better; zero is the
 *     last resort, which gets traffic only when no other endpoint can
 * @param labels what else the source says, for example a zone; sorted by key
 */
public record Endpoint(
        InetSocketAddress address,
        Protocol protocol,
        @Nullable TlsName tls,
        @Nullable String authority,
        int weight,
        Map<String, String> labels) {

    /** The endpoint that an exchange has gone to last: noted for those who observe it, see {@link ExchangeNotes}. */
    public static final Key<Endpoint> KEY = Key.of("endpoint");

    /** The weight of an endpoint that is like the others. */
    public static final int NORMAL_WEIGHT = 10_000;

    /** Checks the weight, and copies and sorts the labels. */
    public Endpoint {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(protocol, "protocol");
        if (weight < 0) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: 0 or more)");
        }
        labels = labels.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(labels));
    }

    /**
     * An endpoint that speaks HTTP/1.1 in cleartext, of normal weight, without labels.
     *
     * @param address where it listens
     * @return the endpoint
     */
    public static Endpoint of(InetSocketAddress address) {
        return new Endpoint(address, Protocol.HTTP_1, null, null, NORMAL_WEIGHT, Map.of());
    }

    /**
     * An endpoint that speaks HTTP/1.1 in cleartext, of normal weight, without labels.
     *
     * @param host a name, which is not looked up here, or an address literal
     * @param port 1 to 65535
     * @return the endpoint
     */
    public static Endpoint of(String host, int port) {
        return of(Addresses.of(host, port));
    }

    /**
     * A copy that is spoken to otherwise.
     *
     * @param changed the protocol
     * @return the copy
     */
    public Endpoint withProtocol(Protocol changed) {
        return new Endpoint(address, changed, tls, authority, weight, labels);
    }

    /**
     * A copy with another identity.
     *
     * @param changed who it must prove to be, or null for cleartext
     * @return the copy
     */
    public Endpoint withTls(@Nullable TlsName changed) {
        return new Endpoint(address, protocol, changed, authority, weight, labels);
    }

    /**
     * A copy whose requests name another authority.
     *
     * @param changed host and optional port, or null for what the requests came with
     * @return the copy
     */
    public Endpoint withAuthority(@Nullable String changed) {
        return new Endpoint(address, protocol, tls, changed, weight, labels);
    }

    /**
     * A copy with another weight.
     *
     * @param changed 0 or more
     * @return the copy
     */
    public Endpoint withWeight(int changed) {
        return new Endpoint(address, protocol, tls, authority, changed, labels);
    }

    /**
     * A copy with other labels.
     *
     * @param changed the labels
     * @return the copy
     */
    public Endpoint withLabels(Map<String, String> changed) {
        return new Endpoint(address, protocol, tls, authority, weight, changed);
    }

    @Override
    public String toString() {
        String scheme = tls == null
                ? protocol == Protocol.HTTP_1 ? "http" : "h2c"
                : protocol == Protocol.HTTP_1 ? "https" : "h2";
        return scheme + "://" + address.getHostString() + ":" + address.getPort();
    }
}
