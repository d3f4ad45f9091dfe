package io.headgate.route;

import io.headgate.http.HttpExchange;
import io.headgate.http.RequestHead;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The routes of all hosts: names by hashing, suffixes by a walk over the labels from the right. Filled while a table is
 * built, read-only afterwards.
 */
final class HostIndex<T> {

    private final RegionMap<Site<T>> names = new RegionMap<>(true);
    private final Suffix<T> suffixes = new Suffix<>(null);
    private final Site<T> any = new Site<>();

    /** The routes of one host pattern, by port. */
    private static final class Site<T> {

        private final List<PathTrie<T>> tries = new ArrayList<>(1);
        private final List<Integer> ports = new ArrayList<>(1);
        private @Nullable PathTrie<T> anyPort;

        PathTrie<T> trie(int port) {
            if (port == HostPattern.ANY_PORT) {
                anyPort = anyPort == null ? new PathTrie<>() : anyPort;
                return anyPort;
            }
            int at = ports.indexOf(port);
            if (at >= 0) {
                return tries.get(at);
            }
            ports.add(port);
            tries.add(new PathTrie<>());
            return tries.get(tries.size() - 1);
        }

        @Nullable Entry<T> find(RequestHead head, int end, HttpExchange exchange, @Nullable Entry<T> best) {
            Entry<T> found = best;
            if (!ports.isEmpty()) {
                int port = Authority.port(head);
                for (int i = 0; i < ports.size(); i++) {
                    found = ports.get(i) == port ? tries.get(i).find(head.target(), end, exchange, found) : found;
                }
            }
            return anyPort == null ? found : anyPort.find(head.target(), end, exchange, found);
        }

        void covering(HostPattern host, PathPattern.Shape shape, Consumer<Entry<T>> sink) {
            int at = ports.indexOf(host.port());
            if (at >= 0) {
                tries.get(at).covering(shape, sink);
            }
            if (anyPort != null) {
                anyPort.covering(shape, sink);
            }
        }

        void seal() {
            tries.forEach(PathTrie::seal);
            if (anyPort != null) {
                anyPort.seal();
            }
        }
    }

    /** A suffix of names, and what may stand before it. */
    private static final class Suffix<T> {

        private final @Nullable Suffix<T> shorter;
        private final RegionMap<Suffix<T>> labels = new RegionMap<>(true);
        private @Nullable Site<T> site;

        Suffix(@Nullable Suffix<T> shorter) {
            this.shorter = shorter;
        }

        void seal() {
            if (site != null) {
                site.seal();
            }
            labels.values().forEach(Suffix::seal);
        }
    }

    void add(Entry<T> entry) {
        site(entry.host).trie(entry.host.port()).add(entry);
    }

    private Site<T> site(HostPattern host) {
        return switch (host.kind()) {
            case EXACT -> names.computeIfAbsent(host.name(), Site::new);
            case ANY -> any;
            case SUFFIX -> {
                Suffix<T> at = suffixes;
                String[] labels = host.name().split("\\.", -1);
                for (int i = labels.length - 1; i >= 0; i--) {
                    Suffix<T> shorter = at;
                    at = shorter.labels.computeIfAbsent(labels[i], () -> new Suffix<>(shorter));
                }
                at.site = at.site == null ? new Site<>() : at.site;
                yield at.site;
            }
        };
    }

    void seal() {
        names.values().forEach(Site::seal);
        suffixes.seal();
        any.seal();
    }

    @Nullable Entry<T> find(HttpExchange exchange) {
        RequestHead head = exchange.head();
        int end = Texts.pathEnd(head.target());
        String authority = head.authority();
        int hostEnd = Authority.hostEnd(authority);
        Entry<T> found = null;
        Site<T> named = names.get(authority, 0, hostEnd);
        if (named != null) {
            found = named.find(head, end, exchange, null);
        }
        for (Suffix<T> suffix = longest(authority, hostEnd); suffix != null; suffix = suffix.shorter) {
            if (suffix.site != null) {
                found = suffix.site.find(head, end, exchange, found);
            }
        }
        return any.find(head, end, exchange, found);
    }

    /** The longest suffix that has something before it. */
    private @Nullable Suffix<T> longest(String host, int hostEnd) {
        Suffix<T> at = suffixes;
        int end = hostEnd;
        while (end > 0) {
            int start = host.lastIndexOf('.', end - 1) + 1;
            Suffix<T> next = start > 1 ? at.labels.get(host, start, end) : null;
            if (next == null) {
                return at;
            }
            at = next;
            end = start - 1;
        }
        return at;
    }

    /** Shows the routes whose hosts and paths cover those of another. */
    void covering(HostPattern host, PathPattern.Shape shape, Consumer<Entry<T>> sink) {
        any.covering(host, shape, sink);
        if (host.kind() == HostPattern.Kind.ANY) {
            return;
        }
        if (host.kind() == HostPattern.Kind.EXACT) {
            Site<T> named = names.get(host.name());
            if (named != null) {
                named.covering(host, shape, sink);
            }
        }
        String name = host.kind() == HostPattern.Kind.SUFFIX ? "x." + host.name() : host.name();
        for (Suffix<T> suffix = longest(name, name.length()); suffix != null; suffix = suffix.shorter) {
            if (suffix.site != null) {
                suffix.site.covering(host, shape, sink);
            }
        }
    }
}
