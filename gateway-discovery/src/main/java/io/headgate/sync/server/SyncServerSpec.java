package io.headgate.sync.server;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncPeer;
import io.headgate.tls.ServerTls;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.netty.resources.LoopResources;

/**
 * What a server is to be. Immutable; each {@code with} method returns a copy.
 *
 * @param address where it listens; port 0 lets the system choose
 * @param topics what it serves, by syncer type such as {@link #FELIX}; each is a state stream that is subscribed once, from
 *     when the server opens until it is closed
 * @param settings times and limits
 * @param tls how connections are protected, or null; ALPN and the check of authorities are not used, and its deadline for
 *     the handshake is cut to what is left of {@link SyncServerSettings#handshakeTimeout}
 * @param peer who a client must be by its certificate; null for anybody, which is what there is without TLS
 * @param limits a state stream of {@link SyncServer#limit limits}, such as {@link ConnectionTarget#over}; null when the limit
 *     of the settings stays
 * @param version what clients are told of the server's build, for logs
 * @param observer sees what happens
 * @param random where jitter and lots come from; used by several threads
 * @param loops the event loops, which stay the caller's; null for those that all of Reactor Netty share
 */
public record SyncServerSpec(
        InetSocketAddress address,
        Map<String, Flux<SyncEvent>> topics,
        SyncServerSettings settings,
        @Nullable ServerTls tls,
        @Nullable SyncPeer peer,
        @Nullable Flux<Integer> limits,
        String version,
        SyncServerObserver observer,
        RandomGenerator random,
        @Nullable LoopResources loops) {

    /** The topic of clients that name none. */
    public static final String FELIX = "felix";

    private static final String VERSION = "headgate";

    /** Checks the parts. */
    public SyncServerSpec {
        Objects.requireNonNull(address, "address");
        Objects.requireNonNull(settings, "settings");
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(observer, "observer");
        Objects.requireNonNull(random, "random");
        topics = Map.copyOf(topics);
        if (topics.containsKey("")) {
            throw new IllegalArgumentException("topics: one without a name (expected: a syncer type, such as " + FELIX
                    + ", which clients that name none get)");
        }
        if (peer != null && (tls == null || tls.clientAuth() != ServerTls.ClientAuth.REQUIRED)) {
            throw new IllegalArgumentException("tls: " + (tls == null ? "none" : "clients need no certificate")
                    + " (expected: certificates of clients, which are to be checked for " + peer + ")");
        }
    }

    /**
     * A server in cleartext that serves nothing yet.
     *
     * @param host where it listens: a name or an address
     * @param port 0 to 65535; 0 lets the system choose
     * @return with defaults for the rest
     */
    public static SyncServerSpec of(String host, int port) {
        return new SyncServerSpec(
                InetSocketAddress.createUnresolved(host, port),
                Map.of(),
                SyncServerSettings.DEFAULTS,
                null,
                null,
                null,
                VERSION,
                SyncServerObserver.NONE,
                new SharedRandom(),
                null);
    }

    /**
     * A copy that serves one more topic, or another under the same name.
     *
     * @param type the syncer type that clients name; {@link #FELIX} for those that name none
     * @param events a state stream
     * @return the copy
     */
    public SyncServerSpec withTopic(String type, Flux<SyncEvent> events) {
        Map<String, Flux<SyncEvent>> changed = new TreeMap<>(topics);
        changed.put(type, events);
        return new SyncServerSpec(address, changed, settings, tls, peer, limits, version, observer, random, loops);
    }

    /**
     * A copy with other times and limits.
     *
     * @param changed for all clients
     * @return the copy
     */
    public SyncServerSpec withSettings(SyncServerSettings changed) {
        return new SyncServerSpec(address, topics, changed, tls, peer, limits, version, observer, random, loops);
    }

    /**
     * A copy whose connections are protected, for clients of whom no certain name is asked.
     *
     * @param changed how; when it requires certificates, whoever has one of the trusted authority is let in
     * @return the copy
     */
    public SyncServerSpec withTls(ServerTls changed) {
        return new SyncServerSpec(address, topics, settings, changed, null, limits, version, observer, random, loops);
    }

    /**
     * A copy whose connections are protected, for clients of a certain name.
     *
     * @param changed how; must require certificates of clients
     * @param clients who they must be
     * @return the copy
     */
    public SyncServerSpec withTls(ServerTls changed, SyncPeer clients) {
        return new SyncServerSpec(
                address, topics, settings, changed, clients, limits, version, observer, random, loops);
    }

    /**
     * A copy whose limit of connections follows a stream.
     *
     * @param changed a state stream of limits, each at least 1; subscribed while the server is open. When it ends or fails,
     *     the last limit stays
     * @return the copy
     */
    public SyncServerSpec withLimits(Flux<Integer> changed) {
        return new SyncServerSpec(address, topics, settings, tls, peer, changed, version, observer, random, loops);
    }

    /**
     * A copy that tells clients another version.
     *
     * @param changed of the build, for logs
     * @return the copy
     */
    public SyncServerSpec withVersion(String changed) {
        return new SyncServerSpec(address, topics, settings, tls, peer, limits, changed, observer, random, loops);
    }

    /**
     * A copy with another observer.
     *
     * @param changed sees what happens
     * @return the copy
     */
    public SyncServerSpec withObserver(SyncServerObserver changed) {
        return new SyncServerSpec(address, topics, settings, tls, peer, limits, version, changed, random, loops);
    }

    /**
     * A copy with another source of jitter and lots.
     *
     * @param changed for several threads
     * @return the copy
     */
    public SyncServerSpec withRandom(RandomGenerator changed) {
        return new SyncServerSpec(address, topics, settings, tls, peer, limits, version, observer, changed, loops);
    }

    /**
     * A copy on event loops of the caller's.
     *
     * @param changed the event loops; whoever made them disposes them, after the server
     * @return the copy
     */
    public SyncServerSpec withLoops(LoopResources changed) {
        return new SyncServerSpec(
                address,
                topics,
                settings,
                tls,
                peer,
                limits,
                version,
                observer,
                random,
                Objects.requireNonNull(changed, "loops"));
    }
}
