package io.headgate.route;

import io.headgate.http.HttpExchange;
import io.headgate.http.RequestHead;
import java.util.HashMap;
import java.util.Map;
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

    private final Map<String, String> texts = new HashMap<>();
    private int leastBeside = Integer.MAX_VALUE; // the lowest rank of a route of more hosts than one

    /** The routes of one host pattern and port. */
    private static final class PortTrie<T> extends PathTrie<T> {

        private final int port;
        private final @Nullable PortTrie<T> next;

        PortTrie(int port, @Nullable PortTrie<T> next) {
            this.port = port;
            this.next = next;
        }
    }

    /** The routes of one host pattern: as a trie those of any port. */
    private static final class Site<T> extends PathTrie<T> {

        private @Nullable PortTrie<T> ports;

        PathTrie<T> trie(int port) {
            if (port == HostPattern.ANY_PORT) {
                return this;
            }
            PathTrie<T> known = ofPort(port);
            if (known != null) {
                return known;
            }
            ports = new PortTrie<>(port, ports);
            return ports;
        }

        private @Nullable PathTrie<T> ofPort(int port) {
            PortTrie<T> trie = ports;
            while (trie != null && trie.port != port) {
                trie = trie.next;
            }
            return trie;
        }

        @Nullable Entry<T> find(RequestHead head, int end, HttpExchange exchange, @Nullable Entry<T> best) {
            PathTrie<T> trie = ports == null ? null : ofPort(Authority.port(head));
            Entry<T> found = trie == null ? best : trie.find(head.target(), end, exchange, best);
            return find(head.target(), end, exchange, found);
        }

        void covering(HostPattern host, PathPattern.Shape shape, Consumer<Entry<T>> sink) {
            PathTrie<T> trie = ofPort(host.port());
            if (trie != null) {
                trie.covering(shape, sink);
            }
            covering(shape, sink);
        }
    }

    /** A suffix of names, and what may stand before it. */
    private static final class Suffix<T> extends RegionMap<Suffix<T>> {

        private final @Nullable Suffix<T> shorter;
        private @Nullable Site<T> site;

        Suffix(@Nullable Suffix<T> shorter) {
            super(true);
            this.shorter = shorter;
        }
    }

    /** Makes room for a route, or says why there is none. */
    void grow(Entry<T> entry) {
        site(entry.host).trie(entry.host.port()).grow(entry, texts);
    }

    /** Adds a route whose rank is known. */
    void add(Entry<T> entry) {
        site(entry.host).trie(entry.host.port()).add(entry);
        if (entry.host.kind() != HostPattern.Kind.EXACT) {
            leastBeside = Math.min(leastBeside, entry.rank);
        }
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
                    at = shorter.computeIfAbsent(labels[i], () -> new Suffix<>(shorter));
                }
                at.site = at.site == null ? new Site<>() : at.site;
                yield at.site;
            }
        };
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
            if (found != null && found.rank <= leastBeside) {
                return found;
            }
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
            Suffix<T> next = start > 1 ? at.get(host, start, end) : null;
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
