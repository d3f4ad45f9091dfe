package io.headgate.gateway;

import io.headgate.forward.Networks;
import java.util.Objects;

/**
 * Whether connections of a listener begin with a header of the PROXY protocol (version 1 or 2, as HAProxy specifies it), in
 * which a load balancer tells whom it speaks for. The addresses of the header become those of
 * {@link io.headgate.http.ConnectionInfo}, so all that asks for the peer sees the client.
 *
 * <p>A peer that has to send a header and does not, or sends a malformed one, is closed without a word: the protocol must
 * not be guessed, else a client could write the header itself. So is one whose header is not there in
 * {@code MuxSettings.requestHead()}, or is longer than 2 KiB of extensions. A header that names no addresses ({@code LOCAL},
 * {@code UNKNOWN}), such as that of a health check, leaves those of the connection.
 *
 * <p>Needs {@code io.netty:netty-codec-haproxy} on the class path.
 *
 * @param senders the networks of the load balancers; a header is read from nobody else
 * @param othersAllowed whether peers outside of these networks may connect, without a header; else they are closed
 */
public record ProxyProtocol(Networks senders, boolean othersAllowed) {

    /** No header is read from anybody. */
    public static final ProxyProtocol OFF = new ProxyProtocol(Networks.NONE, true);

    /** Checks the parts. */
    public ProxyProtocol {
        Objects.requireNonNull(senders, "senders");
        if (senders.isEmpty() && !othersAllowed) {
            throw new IllegalArgumentException("senders: none (expected: at least one network)");
        }
    }

    /**
     * All connections come from load balancers, which send a header; others are closed.
     *
     * @param senders the networks of the load balancers
     * @return the specification
     */
    public static ProxyProtocol requiredFrom(Networks senders) {
        return new ProxyProtocol(senders, false);
    }

    /**
     * Connections of load balancers begin with a header, those of all others do not.
     *
     * @param senders the networks of the load balancers
     * @return the specification
     */
    public static ProxyProtocol expectedFrom(Networks senders) {
        return new ProxyProtocol(senders, true);
    }

    /** Whether any header is read. */
    boolean isOn() {
        return !senders.isEmpty();
    }
}
