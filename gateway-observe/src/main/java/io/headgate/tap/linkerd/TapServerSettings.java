package io.headgate.tap.linkerd;

import io.headgate.tap.TapHeaders;
import io.headgate.tap.TapRequest;
import io.headgate.tls.ServerTls;
import java.net.InetSocketAddress;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Where a {@link TapServer} listens, whom it tells, and how much. Immutable; each {@code with} method returns a copy.
 *
 * <p>Either it listens on loopback in cleartext, and tells whoever is on this machine, or it has TLS, and tells clients with a
 * certificate of certain identities and nobody else, wherever it listens. There is no third way.
 *
 * @param address where it listens; port 0 for any that is free
 * @param tls the server's certificates and the issuers of those of its clients, or null for cleartext. The first certificate of a set is
 *     shown to all; a new set is shown to connections that come after it
 * @param identities which clients may tap: alternative names of type URI or DNS in their certificates. Empty in cleartext
 * @param maxObservations how many may go on at a time, 1 to 100,000
 * @param secrets names of header fields and trailers whose values are told to nobody, whatever is asked for
 * @param maxBodyBytes the most of each body that can be asked for, 0 (none) to {@value TapRequest#MOST_BODY_BYTES}
 * @param maxQueue the most events that may wait for a client, 1 to 65,536
 */
public record TapServerSettings(
        InetSocketAddress address,
        @Nullable ServerTls tls,
        Set<String> identities,
        int maxObservations,
        Set<String> secrets,
        int maxBodyBytes,
        int maxQueue) {

    /** As many as Linkerd allowed when it had a cap. */
    public static final int DEFAULT_MAX_OBSERVATIONS = 100;

    /** 64 KiB: most requests and replies that people want to look at are shorter. */
    public static final int DEFAULT_MAX_BODY_BYTES = 64 * 1024;

    /** 4,096 events: ten times what a client gets that asks for nothing. */
    public static final int DEFAULT_MAX_QUEUE = 4096;

    private static final int MOST_OBSERVATIONS = 100_000;
    private static final int LONGEST_QUEUE = 1 << 16;

    /** Copies the sets and checks the parts. */
    public TapServerSettings {
        Objects.requireNonNull(address, "address");
        identities = Set.copyOf(identities);
        secrets = secrets.stream().map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
        if (address.isUnresolved()) {
            throw new IllegalArgumentException("address: " + address + " (expected: one that is known)");
        }
        if (tls == null) {
            checkCleartext(address, identities);
        } else {
            checkTls(tls, identities);
        }
        within("maxObservations", maxObservations, 1, MOST_OBSERVATIONS);
        within("maxBodyBytes", maxBodyBytes, 0, TapRequest.MOST_BODY_BYTES);
        within("maxQueue", maxQueue, 1, LONGEST_QUEUE);
    }

    private static void checkCleartext(InetSocketAddress address, Set<String> identities) {
        if (!address.getAddress().isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    "address: " + address.getAddress().getHostAddress() + ":"
                            + address.getPort()
                            + " (expected: one of loopback, or TLS with the identities of the clients that may tap)");
        }
        if (!identities.isEmpty()) {
            throw new IllegalArgumentException(
                    "identities: " + identities + " without TLS (expected: none, or TLS to prove them by)");
        }
    }

    private static void checkTls(ServerTls tls, Set<String> identities) {
        if (tls.clientAuth() == ServerTls.ClientAuth.NONE) {
            throw new IllegalArgumentException(
                    "tls: asks clients for no certificate (expected: client authentication, with its issuers)");
        }
        if (identities.isEmpty() || identities.stream().anyMatch(String::isBlank)) {
            throw new IllegalArgumentException(
                    "identities: " + identities + " (expected: those of the clients that may tap)");
        }
    }

    private static void within(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + ".." + most + ")");
        }
    }

    /**
     * Listens on 127.0.0.1, in cleartext, for whoever is on this machine.
     *
     * @param port 0 for any that is free
     * @return with defaults for the rest
     */
    public static TapServerSettings onLoopback(int port) {
        return of(new InetSocketAddress("127.0.0.1", port), null, Set.of());
    }

    /**
     * Listens anywhere, for clients of some identities. A certificate that is not of a trusted issuer ends the handshake, and so does
     * none where it is {@link ServerTls.ClientAuth#REQUIRED}; with {@link ServerTls.ClientAuth#OPTIONAL} a client without one is told
     * that it is not authenticated.
     *
     * @param address where to listen; port 0 for any that is free
     * @param tls asks clients for a certificate, see {@link ServerTls#withClientAuth}
     * @param identities of the clients that may tap, at least one: {@code spiffe://example.org/tap} or {@code tap.example.org}
     * @return with defaults for the rest
     */
    public static TapServerSettings withMutualTls(InetSocketAddress address, ServerTls tls, String... identities) {
        return of(address, Objects.requireNonNull(tls, "tls"), Set.of(identities));
    }

    private static TapServerSettings of(InetSocketAddress address, @Nullable ServerTls tls, Set<String> identities) {
        return new TapServerSettings(
                address,
                tls,
                identities,
                DEFAULT_MAX_OBSERVATIONS,
                TapHeaders.SECRETS,
                DEFAULT_MAX_BODY_BYTES,
                DEFAULT_MAX_QUEUE);
    }

    /**
     * A copy that lets more observe, or fewer; {@link #DEFAULT_MAX_OBSERVATIONS} without.
     *
     * @param changed how many may go on at a time, 1 to 100,000
     * @return the copy
     */
    public TapServerSettings withMaxObservations(int changed) {
        return new TapServerSettings(address, tls, identities, changed, secrets, maxBodyBytes, maxQueue);
    }

    /**
     * A copy that keeps other things to itself; {@link TapHeaders#SECRETS} without.
     *
     * @param changed names of header fields and trailers, in any case
     * @return the copy
     */
    public TapServerSettings withSecrets(Set<String> changed) {
        return new TapServerSettings(address, tls, identities, maxObservations, changed, maxBodyBytes, maxQueue);
    }

    /**
     * A copy that shows more of bodies, or less, or nothing; {@link #DEFAULT_MAX_BODY_BYTES} without. Nobody gets bodies that has
     * not asked for them, and nothing is redacted in them.
     *
     * @param changed bytes, 0 for no bodies
     * @return the copy
     */
    public TapServerSettings withMaxBodyBytes(int changed) {
        return new TapServerSettings(address, tls, identities, maxObservations, secrets, changed, maxQueue);
    }

    /**
     * A copy that lets more events wait for a client, or fewer; {@link #DEFAULT_MAX_QUEUE} without.
     *
     * @param changed events, 1 to 65,536
     * @return the copy
     */
    public TapServerSettings withMaxQueue(int changed) {
        return new TapServerSettings(address, tls, identities, maxObservations, secrets, maxBodyBytes, changed);
    }
}
