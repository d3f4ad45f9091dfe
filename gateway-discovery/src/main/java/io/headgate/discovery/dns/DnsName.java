package io.headgate.discovery.dns;

import io.headgate.resolve.Endpoint;
import org.jspecify.annotations.Nullable;

/** What a name asks for: the addresses of a host with a port, or the targets of a service. */
record DnsName(String host, int port) {

    private static final int SERVICE = 0;

    /** Reads a name; a service begins with an underscore. */
    static DnsName of(String name) {
        if (name.startsWith("_")) {
            return new DnsName(name, SERVICE);
        }
        Endpoint endpoint = endpoint(name);
        if (endpoint == null) {
            throw new IllegalArgumentException("name: '" + name + "' (expected: host:port or _service._proto.domain)");
        }
        return new DnsName(
                endpoint.address().getHostString(), endpoint.address().getPort());
    }

    private static @Nullable Endpoint endpoint(String name) {
        int colon = name.lastIndexOf(':');
        try {
            return colon < 1
                    ? null
                    : Endpoint.of(name.substring(0, colon), Integer.parseInt(name.substring(colon + 1)));
        } catch (IllegalArgumentException malformed) {
            return null;
        }
    }

    boolean isService() {
        return port == SERVICE;
    }
}
