package io.headgate.forward;

import io.headgate.http.Fields;
import io.headgate.mux.RequestException;
import io.headgate.mux.internal.HeadRules;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a trusted peer says of the way of a request: hops, the nearest last, and the position of the client among them. What
 * stands left of a hop that was not made by a trusted proxy is the client's own invention and is passed on, not believed.
 */
final class Chain {

    /** A chain that nobody told. */
    static final Chain NONE = new Chain(List.of(), List.of(), List.of(), List.of());

    /** More proxies than any request passes; what is beyond, on the left, is dropped. */
    private static final int MOST_HOPS = 64;

    private final List<Hop> hops;
    private final List<String> schemes;
    private final List<String> hosts;
    private final List<String> ports;

    private Chain(List<Hop> hops, List<String> schemes, List<String> hosts, List<String> ports) {
        this.hops = hops;
        this.schemes = schemes;
        this.hosts = hosts;
        this.ports = ports;
    }

    static Chain read(Forwarded.Form form, Fields fields) {
        return form == Forwarded.Form.RFC_7239 ? forwarded(fields) : xForwarded(fields);
    }

    private static Chain forwarded(Fields fields) {
        List<Hop> hops = new ArrayList<>();
        for (int at = fields.indexOf("forwarded", 0); at >= 0; at = fields.indexOf("forwarded", at + 1)) {
            hops.addAll(ForwardedSyntax.read(fields.value(at).toString()));
        }
        List<Hop> kept = hops.size() > MOST_HOPS ? hops.subList(hops.size() - MOST_HOPS, hops.size()) : hops;
        return new Chain(kept, List.of(), List.of(), List.of());
    }

    /** There is no standard, so a member that is no node ends the chain on the left instead of failing the request. */
    private static Chain xForwarded(Fields fields) {
        List<Hop> hops = new ArrayList<>();
        List<String> members = members(fields, "x-forwarded-for");
        for (int i = members.size() - 1; i >= 0 && hops.size() < MOST_HOPS; i--) {
            Hop hop = Hop.ofNode(members.get(i));
            if (hop == null) {
                break;
            }
            hops.add(hop);
        }
        Collections.reverse(hops);
        return new Chain(
                hops,
                members(fields, "x-forwarded-proto"),
                members(fields, "x-forwarded-host"),
                members(fields, "x-forwarded-port"));
    }

    private static List<String> members(Fields fields, String name) {
        int at = fields.indexOf(name, 0);
        if (at < 0) {
            return List.of();
        }
        List<String> members = new ArrayList<>(2);
        for (; at >= 0; at = fields.indexOf(name, at + 1)) {
            for (String member : fields.value(at).toString().split(",", -1)) {
                String text = member.strip();
                if (!text.isEmpty()) {
                    members.add(text);
                }
            }
        }
        return members;
    }

    List<Hop> hops() {
        return hops;
    }

    /** The position of the client from the right, 0 for the last hop; -1 when the peer itself is all that is known. */
    int client(Networks trusted) {
        int found = -1;
        for (int i = hops.size() - 1; i >= 0; i--) {
            InetAddress address = hops.get(i).address();
            if (address == null) {
                break;
            }
            found = hops.size() - 1 - i;
            if (!trusted.contains(address)) {
                break;
            }
        }
        return found;
    }

    @Nullable InetAddress address(int client) {
        return client < 0 ? null : hops.get(hops.size() - 1 - client).address();
    }

    /** What the client spoke, or null when it is not said. */
    @Nullable String scheme(int client) {
        Hop hop = said(client);
        String scheme = hop != null && hop.scheme() != null ? hop.scheme() : pick(schemes, client);
        if (scheme == null) {
            return null;
        }
        return scheme.equalsIgnoreCase("https") ? "https" : scheme.equalsIgnoreCase("http") ? "http" : null;
    }

    /** What the client asked for, or null when it is not said or not valid. */
    @Nullable String host(int client) {
        Hop hop = said(client);
        String host = hop != null && hop.host() != null ? hop.host() : pick(hosts, client);
        if (host == null) {
            return null;
        }
        try {
            HeadRules.checkAuthority(host);
            return host;
        } catch (RequestException e) {
            return null;
        }
    }

    /** The port that the client called, or null when it is not said or not valid. */
    @Nullable String port(int client) {
        String port = pick(ports, client);
        return port != null && port.matches("[1-9][0-9]{0,4}") && Integer.parseInt(port) <= 65535 ? port : null;
    }

    private @Nullable Hop said(int client) {
        return hops.isEmpty() ? null : hops.get(hops.size() - 1 - Math.max(client, 0));
    }

    /** A list that grew with the chain has a member for each hop; else the one that the peer wrote, the last, counts. */
    private @Nullable String pick(List<String> members, int client) {
        if (members.isEmpty()) {
            return null;
        }
        boolean parallel = members.size() == hops.size() && client >= 0;
        return members.get(members.size() - 1 - (parallel ? client : 0));
    }
}
