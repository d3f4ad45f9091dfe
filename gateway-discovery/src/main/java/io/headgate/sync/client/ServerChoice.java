package io.headgate.sync.client;

import io.headgate.resolve.Endpoint;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Which server to try next: in rounds in which each has one turn, near ones first, those that are alike by lot. A server that has asked
 * to be left alone has no turn until its time is over.
 *
 * <p><b>Threading.</b> One thread at a time.
 */
final class ServerChoice {

    /** Asked again when the list changes. */
    static final long FOR_EVER = Long.MAX_VALUE;

    private final Predicate<Endpoint> isLocal;
    private final RandomGenerator random;
    private final Set<InetSocketAddress> tried = new HashSet<>();
    private final Map<InetSocketAddress, Long> away = new HashMap<>();
    private List<Endpoint> servers = List.of();

    ServerChoice(Predicate<Endpoint> isLocal, RandomGenerator random) {
        this.isLocal = isLocal;
        this.random = random;
    }

    /** These there are now, and no others. */
    void known(List<Endpoint> all) {
        servers = all;
        Set<InetSocketAddress> addresses = new HashSet<>();
        all.forEach(server -> addresses.add(server.address()));
        tried.retainAll(addresses);
        away.keySet().retainAll(addresses);
    }

    int size() {
        return servers.size();
    }

    /** Whose turn it is at a time, or null when nobody may be tried before {@link #left} is over. */
    @Nullable Endpoint next(long now) {
        away.values().removeIf(until -> until - now <= 0);
        List<Endpoint> free = new ArrayList<>(servers);
        free.removeIf(server -> away.containsKey(server.address()));
        if (tried.containsAll(free.stream().map(Endpoint::address).toList())) {
            tried.clear();
        }
        free.removeIf(server -> tried.contains(server.address()));
        if (free.stream().anyMatch(isLocal)) {
            free.removeIf(isLocal.negate());
        }
        if (free.isEmpty()) {
            return null;
        }
        Endpoint chosen = free.get(random.nextInt(free.size()));
        tried.add(chosen.address());
        return chosen;
    }

    /** Has a server's turn now, out of order; null when it is not there any more or wants to be left alone. */
    @Nullable Endpoint again(@Nullable Endpoint server, long now) {
        if (server == null || away.getOrDefault(server.address(), now) - now > 0) {
            return null;
        }
        for (Endpoint known : servers) {
            if (known.address().equals(server.address())) {
                tried.add(known.address());
                return known;
            }
        }
        return null;
    }

    /** Nanoseconds until a server may be tried. */
    long left(long now) {
        long least = FOR_EVER;
        for (long until : away.values()) {
            least = Math.min(least, Math.max(0, until - now));
        }
        return least;
    }

    /** A server has served: should it be lost, all others have their turn before it. */
    void worked(Endpoint server) {
        tried.clear();
        tried.add(server.address());
    }

    /** A server wants to be left alone for some nanoseconds. */
    void leave(Endpoint server, long now, long nanos) {
        if (nanos > 0) {
            away.put(server.address(), now + nanos);
        }
    }
}
