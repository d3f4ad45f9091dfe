package io.headgate.sync.client;

import io.headgate.resolve.Endpoint;
import io.headgate.resolve.EndpointSet;
import io.headgate.resolve.Resolver;
import io.headgate.sync.SyncPeer;
import io.headgate.sync.SyncUpdate;
import io.headgate.tls.ClientTls;
import io.netty.util.NetUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.resources.LoopResources;

/**
 * What a client is to be. Immutable; each {@code with} method returns a copy.
 *
 * @param servers the servers there are, as a state stream of whole lists; the last list stays when it ends or fails
 * @param syncerType which set is wanted, for example {@code felix}
 * @param prefixes of the keys that are wanted; all keys when empty. A server that cannot choose sends all, and the client does
 * @param settings times and limits
 * @param tls how connections are protected, or null for cleartext; host names are never checked
 * @param peer who a server must be by its certificate, or null for anybody whom the authorities of {@code tls} have certified
 * @param local labels that near servers have: these are tried before others; empty when all are alike
 * @param hostname where the client runs, for the logs of servers
 * @param info what the client is, for the logs of servers
 * @param version of its build, for the logs of servers
 * @param keys which keys make sense; entries of others are left out and counted
 * @param values which entries have a value that makes sense; others are told as deletions and counted. Is not asked about deletions
 * @param random shuffles servers and shortens waits; used by several threads
 * @param timer runs the waits between attempts
 * @param loops the event loops, which stay the caller's; null for those that all of Reactor Netty share
 */
public record SyncClientSpec(
        Flux<List<Endpoint>> servers,
        String syncerType,
        List<String> prefixes,
        SyncClientSettings settings,
        @Nullable ClientTls tls,
        @Nullable SyncPeer peer,
        Map<String, String> local,
        String hostname,
        String info,
        String version,
        Predicate<? super String> keys,
        Predicate<? super SyncUpdate> values,
        RandomGenerator random,
        Scheduler timer,
        @Nullable LoopResources loops) {

    /** The set that clients get who name none. */
    public static final String FELIX = "felix";

    /** Where servers listen as a rule. */
    public static final int PORT = 5473;

    /** Copies the collections and checks the parts. */
    public SyncClientSpec {
        Objects.requireNonNull(servers, "servers");
        Objects.requireNonNull(settings, "settings");
        Objects.requireNonNull(hostname, "hostname");
        Objects.requireNonNull(info, "info");
        Objects.requireNonNull(version, "version");
        Objects.requireNonNull(keys, "keys");
        Objects.requireNonNull(values, "values");
        Objects.requireNonNull(random, "random");
        Objects.requireNonNull(timer, "timer");
        prefixes = List.copyOf(prefixes);
        local = local.isEmpty() ? Map.of() : Map.copyOf(local);
        if (syncerType.isEmpty()) {
            throw new IllegalArgumentException("syncerType: '' (expected: a name such as " + FELIX + ")");
        }
        if (settings.features().isEmpty() && !syncerType.equals(FELIX)) {
            throw new IllegalArgumentException("syncerType: " + syncerType + " (expected: " + FELIX
                    + ", as a client without features cannot name another)");
        }
        if (peer != null && tls == null) {
            throw new IllegalArgumentException("tls: none (expected: TLS, as the peer must be " + peer + ")");
        }
    }

    /**
     * A client of some servers, in cleartext.
     *
     * @param servers at least one, as {@code host:port}, {@code [address]:port} or a host alone, whose port is then {@link #PORT}
     * @return with defaults for the rest
     */
    public static SyncClientSpec of(String... servers) {
        if (servers.length == 0) {
            throw new IllegalArgumentException("servers: none (expected: at least one host:port)");
        }
        List<Endpoint> all = new ArrayList<>();
        for (String server : servers) {
            all.add(server(server));
        }
        return of(Flux.just(List.copyOf(all)));
    }

    /**
     * A client of servers that come and go, in cleartext.
     *
     * @param servers a state stream of whole lists; of an endpoint, only address and labels count
     * @return with defaults for the rest
     */
    public static SyncClientSpec of(Flux<List<Endpoint>> servers) {
        return new SyncClientSpec(
                servers,
                FELIX,
                List.of(),
                SyncClientSettings.DEFAULTS,
                null,
                null,
                Map.of(),
                "",
                "headgate",
                "headgate",
                key -> true,
                update -> true,
                () -> ThreadLocalRandom.current().nextLong(),
                Schedulers.parallel(),
                null);
    }

    /**
     * A client of the servers that a source of endpoints knows, in cleartext.
     *
     * @param resolver finds them
     * @param name of the servers
     * @return with defaults for the rest
     */
    public static SyncClientSpec of(Resolver resolver, String name) {
        return of(Flux.defer(() -> {
            EndpointSet set = new EndpointSet();
            return resolver.resolve(name).map(update -> {
                set.apply(update);
                return List.copyOf(set.endpoints());
            });
        }));
    }

    private static Endpoint server(String text) {
        int colon = text.lastIndexOf(':');
        boolean isAddress = NetUtil.isValidIpV6Address(text);
        boolean hasPort = !isAddress && colon > 0 && text.charAt(text.length() - 1) != ']';
        String host = hasPort ? text.substring(0, colon) : text;
        try {
            if (!isAddress && host.indexOf(':') >= 0 && !host.startsWith("[")) {
                throw new IllegalArgumentException(text);
            }
            return Endpoint.of(host, hasPort ? Integer.parseInt(text.substring(colon + 1)) : PORT);
        } catch (IllegalArgumentException wrong) { // NumberFormatException, too
            throw new IllegalArgumentException(
                    "server: " + text + " (expected: host:port, [address]:port or a host)", wrong);
        }
    }

    /**
     * A copy that wants another set.
     *
     * @param changed the name of the set
     * @return the copy
     */
    public SyncClientSpec withSyncerType(String changed) {
        return with(draft -> draft.syncerType = changed);
    }

    /**
     * A copy that wants some keys only.
     *
     * @param changed what those begin with; all keys when empty
     * @return the copy
     */
    public SyncClientSpec withPrefixes(List<String> changed) {
        return with(draft -> draft.prefixes = changed);
    }

    /**
     * A copy with other times and limits.
     *
     * @param changed the settings
     * @return the copy
     */
    public SyncClientSpec withSettings(SyncClientSettings changed) {
        return with(draft -> draft.settings = changed);
    }

    /**
     * A copy whose connections are protected. Any server that the authorities have certified will do: see {@link #withTls(ClientTls, SyncPeer)}.
     *
     * @param changed whom to trust and what to show; whether host names are checked does not count: they are not
     * @return the copy
     */
    public SyncClientSpec withTls(ClientTls changed) {
        return with(draft -> draft.tls = changed);
    }

    /**
     * A copy whose connections are protected, to servers of a certain name.
     *
     * @param changed whom to trust and what to show; whether host names are checked does not count: they are not
     * @param server who they must be
     * @return the copy
     */
    public SyncClientSpec withTls(ClientTls changed, SyncPeer server) {
        return with(draft -> {
            draft.tls = changed;
            draft.peer = server;
        });
    }

    /**
     * A copy that tries servers with a label first; with several labels, those that have all of them.
     *
     * @param label for example {@code zone}
     * @param value what near servers have there
     * @return the copy
     */
    public SyncClientSpec withLocal(String label, String value) {
        return with(draft -> draft.local = with(local, label, value));
    }

    /**
     * A copy that says otherwise who it is; for the logs of servers alone.
     *
     * @param host where it runs
     * @param what what it is
     * @param build its version
     * @return the copy
     */
    public SyncClientSpec withName(String host, String what, String build) {
        return with(draft -> {
            draft.hostname = host;
            draft.info = what;
            draft.version = build;
        });
    }

    /**
     * A copy that leaves entries out whose keys make no sense to it.
     *
     * @param changed tells which make sense; what it throws counts as no
     * @return the copy
     */
    public SyncClientSpec withKeys(Predicate<? super String> changed) {
        return with(draft -> draft.keys = changed);
    }

    /**
     * A copy that tells entries as deletions whose values make no sense to it.
     *
     * @param changed tells which make sense; what it throws counts as no
     * @return the copy
     */
    public SyncClientSpec withValues(Predicate<? super SyncUpdate> changed) {
        return with(draft -> draft.values = changed);
    }

    /**
     * A copy with other chance.
     *
     * @param changed used by several threads
     * @return the copy
     */
    public SyncClientSpec withRandom(RandomGenerator changed) {
        return with(draft -> draft.random = changed);
    }

    /**
     * A copy that waits elsewhere; on {@link Schedulers#parallel()} without.
     *
     * @param changed runs the waits between attempts
     * @return the copy
     */
    public SyncClientSpec withTimer(Scheduler changed) {
        return with(draft -> draft.timer = changed);
    }

    /**
     * A copy on event loops of the caller's.
     *
     * @param changed the event loops; whoever made them disposes them, after the last subscriber has left
     * @return the copy
     */
    public SyncClientSpec withLoops(LoopResources changed) {
        return with(draft -> draft.loops = changed);
    }

    private static Map<String, String> with(Map<String, String> labels, String label, String value) {
        Map<String, String> changed = new TreeMap<>(labels);
        changed.put(label, value);
        return changed;
    }

    /** Whether a server is to be tried before those that are not. */
    boolean isLocal(Endpoint server) {
        return !local.isEmpty() && server.labels().entrySet().containsAll(local.entrySet());
    }

    private SyncClientSpec with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.done();
    }

    /** The parts of a copy that is being made. */
    private static final class Draft {
        private Flux<List<Endpoint>> servers;
        private String syncerType;
        private List<String> prefixes;
        private SyncClientSettings settings;
        private @Nullable ClientTls tls;
        private @Nullable SyncPeer peer;
        private Map<String, String> local;
        private String hostname;
        private String info;
        private String version;
        private Predicate<? super String> keys;
        private Predicate<? super SyncUpdate> values;
        private RandomGenerator random;
        private Scheduler timer;
        private @Nullable LoopResources loops;

        Draft(SyncClientSpec from) {
            servers = from.servers;
            syncerType = from.syncerType;
            prefixes = from.prefixes;
            settings = from.settings;
            tls = from.tls;
            peer = from.peer;
            local = from.local;
            hostname = from.hostname;
            info = from.info;
            version = from.version;
            keys = from.keys;
            values = from.values;
            random = from.random;
            timer = from.timer;
            loops = from.loops;
        }

        SyncClientSpec done() {
            return new SyncClientSpec(
                    servers,
                    syncerType,
                    prefixes,
                    settings,
                    tls,
                    peer,
                    local,
                    hostname,
                    info,
                    version,
                    keys,
                    values,
                    random,
                    timer,
                    loops);
        }
    }
}
