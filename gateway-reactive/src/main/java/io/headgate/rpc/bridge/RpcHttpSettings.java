package io.headgate.rpc.bridge;

import io.headgate.http.RequestSyntax;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * How calls look in HTTP. Immutable.
 *
 * @param prefix what the path has before the name of the endpoint; starts and ends with a slash, {@code /} unless set
 * @param authority what requests say in {@code Host} or {@code :authority}; {@code rpc} unless set, which a balancer or an endpoint
 *     with an authority of its own replaces
 * @param maxElement most bytes of an element that is put together of a body of HTTP: a message, a line; 4 MiB unless set
 * @param metadata which fields pass between header and metadata, by name in lower case; all unless set. Those that belong to HTTP
 *     itself (connection, framing, content negotiation) and {@code rpc-status}, {@code rpc-message} and {@code rpc-unprocessed} never
 *     do, whatever it says
 */
public record RpcHttpSettings(String prefix, String authority, int maxElement, Predicate<String> metadata) {

    /** Endpoints right below the root, elements of up to 4 MiB, all metadata. */
    public static final RpcHttpSettings DEFAULTS = new RpcHttpSettings("/", "rpc", 4 << 20, name -> true);

    /** Checks the parts. */
    public RpcHttpSettings {
        Objects.requireNonNull(metadata, "metadata");
        if (!prefix.startsWith("/") || !prefix.endsWith("/") || !RequestSyntax.isPath(prefix)) {
            throw new IllegalArgumentException(
                    "prefix: " + prefix + " (expected: a path that starts and ends with a slash)");
        }
        if (!RequestSyntax.isAuthority(authority)) {
            throw new IllegalArgumentException("authority: " + authority + " (expected: host and optional port)");
        }
        if (maxElement < 1) {
            throw new IllegalArgumentException("maxElement: " + maxElement + " (expected: 1 or more)");
        }
    }

    /**
     * A copy with another prefix.
     *
     * @param changed what the path has before the name of the endpoint
     * @return the copy
     */
    public RpcHttpSettings withPrefix(String changed) {
        return new RpcHttpSettings(changed, authority, maxElement, metadata);
    }

    /**
     * A copy with another authority.
     *
     * @param changed host and optional port
     * @return the copy
     */
    public RpcHttpSettings withAuthority(String changed) {
        return new RpcHttpSettings(prefix, changed, maxElement, metadata);
    }

    /**
     * A copy with another bound.
     *
     * @param changed most bytes of an element
     * @return the copy
     */
    public RpcHttpSettings withMaxElement(int changed) {
        return new RpcHttpSettings(prefix, authority, changed, metadata);
    }

    /**
     * A copy that lets other fields pass.
     *
     * @param changed whether the field of a name passes
     * @return the copy
     */
    public RpcHttpSettings withMetadata(Predicate<String> changed) {
        return new RpcHttpSettings(prefix, authority, maxElement, changed);
    }
}
