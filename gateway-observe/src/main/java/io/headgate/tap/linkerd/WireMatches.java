package io.headgate.tap.linkerd;

import io.headgate.http.RequestSyntax;
import io.headgate.tap.TapMatch;
import io.headgate.tap.TapMatch.Text;
import io.headgate.tap.linkerd.internal.wire.HttpMethod;
import io.headgate.tap.linkerd.internal.wire.ObserveRequest.Match;
import io.headgate.tap.linkerd.internal.wire.Scheme;
import java.util.ArrayList;
import java.util.List;

/**
 * The match language of taps as the wire spells it, read. A part that makes no sense makes the whole invalid: without it something else
 * would match than was meant. Only parts of a sequence with nothing set at all are passed over, as by Linkerd.
 */
final class WireMatches {

    /** Deeper ones are refused, so that nobody's stack overflows. */
    private static final int MAX_DEPTH = 32;

    /** More are refused: each request that passes is held against all of them. */
    private static final int MAX_PARTS = 1000;

    private int parts;

    private WireMatches() {}

    /**
     * Reads a match.
     *
     * @throws IllegalArgumentException when it is invalid; the message says why
     */
    static TapMatch decode(Match wire) {
        return new WireMatches().read(wire, 0);
    }

    private TapMatch read(Match wire, int depth) {
        check("match", depth <= MAX_DEPTH, "nested deeper than " + MAX_DEPTH, "less");
        check("match", ++parts <= MAX_PARTS, "more than " + MAX_PARTS + " parts", "less");
        return switch (wire.getMatchCase()) {
            case ALL -> new TapMatch.All(each(wire.getAll(), depth));
            case ANY -> new TapMatch.Any(each(wire.getAny(), depth));
            case NOT -> new TapMatch.Not(read(wire.getNot(), depth + 1));
            case SOURCE -> source(wire.getSource());
            case DESTINATION -> destination(wire.getDestination());
            case HTTP -> http(wire.getHttp());
            case DESTINATION_LABEL -> {
                Match.Label label = labelled("destination_label", wire.getDestinationLabel());
                yield new TapMatch.DestinationLabel(label.getKey(), label.getValue());
            }
            case ROUTE_LABEL -> {
                Match.Label label = labelled("route_label", wire.getRouteLabel());
                yield new TapMatch.RouteLabel(label.getKey(), label.getValue());
            }
            case MATCH_NOT_SET ->
                throw invalid(
                        depth == 0 ? "match" : "match within a not",
                        "none",
                        "all, any, not, source, destination, http, destination_label or route_label");
        };
    }

    private List<TapMatch> each(Match.Seq sequence, int depth) {
        List<TapMatch> matches = new ArrayList<>(sequence.getMatchesCount());
        for (Match match : sequence.getMatchesList()) {
            if (match.getMatchCase() != Match.MatchCase.MATCH_NOT_SET) {
                matches.add(read(match, depth + 1));
            }
        }
        return matches;
    }

    private static TapMatch source(Match.Tcp wire) {
        return switch (wire.getMatchCase()) {
            case NETMASK -> new TapMatch.SourceNetwork(WireNetworks.decode("source", wire.getNetmask()));
            case PORTS -> {
                Ports ports = Ports.of("source", wire.getPorts());
                yield new TapMatch.SourcePorts(ports.min, ports.max);
            }
            case MATCH_NOT_SET -> throw invalid("source", "none", "netmask or ports");
        };
    }

    private static TapMatch destination(Match.Tcp wire) {
        return switch (wire.getMatchCase()) {
            case NETMASK -> new TapMatch.DestinationNetwork(WireNetworks.decode("destination", wire.getNetmask()));
            case PORTS -> {
                Ports ports = Ports.of("destination", wire.getPorts());
                yield new TapMatch.DestinationPorts(ports.min, ports.max);
            }
            case MATCH_NOT_SET -> throw invalid("destination", "none", "netmask or ports");
        };
    }

    /** With one bound missing it is that one port. */
    private record Ports(int min, int max) {

        static Ports of(String name, Match.Tcp.PortRange wire) {
            long given = Integer.toUnsignedLong(wire.getMin());
            long last = Integer.toUnsignedLong(wire.getMax());
            long min = given == 0 ? last : given;
            long max = last == 0 ? given : last;
            check(
                    name + " ports",
                    min > 0 && min <= max && max <= 65535,
                    given + ".." + last,
                    "1..65535, at least one of them, the lower one first");
            return new Ports((int) min, (int) max);
        }
    }

    private static TapMatch http(Match.Http wire) {
        return switch (wire.getMatchCase()) {
            case SCHEME -> new TapMatch.Scheme(scheme(wire.getScheme()));
            case METHOD -> new TapMatch.Method(method(wire.getMethod()));
            case AUTHORITY -> new TapMatch.Authority(text("authority", wire.getAuthority()));
            case PATH -> new TapMatch.Path(text("path", wire.getPath()));
            case MATCH_NOT_SET -> throw invalid("http", "none", "scheme, method, authority or path");
        };
    }

    private static String scheme(Scheme wire) {
        if (wire.getTypeCase() == Scheme.TypeCase.REGISTERED) {
            check(
                    "scheme",
                    wire.getRegistered() != Scheme.Registered.UNRECOGNIZED,
                    "number " + wire.getRegisteredValue(),
                    "0 (HTTP) or 1 (HTTPS)");
        }
        String name = WireNames.name(wire);
        check("scheme", RequestSyntax.isScheme(name), "'" + name + "'", "the name of a scheme");
        return name;
    }

    private static String method(HttpMethod wire) {
        if (wire.getTypeCase() == HttpMethod.TypeCase.REGISTERED) {
            check(
                    "method",
                    wire.getRegistered() != HttpMethod.Registered.UNRECOGNIZED,
                    "number " + wire.getRegisteredValue(),
                    "0 (GET) to 8 (TRACE)");
        }
        String name = WireNames.name(wire);
        check("method", RequestSyntax.isMethod(name), "'" + name + "'", "a token");
        return name;
    }

    private static Text text(String name, Match.Http.StringMatch wire) {
        return switch (wire.getMatchCase()) {
            case EXACT -> Text.exact(wire.getExact());
            case PREFIX -> Text.prefix(wire.getPrefix());
            case MATCH_NOT_SET -> throw invalid(name, "none", "exact or prefix");
        };
    }

    private static Match.Label labelled(String name, Match.Label wire) {
        check(
                name,
                !wire.getKey().isEmpty() && !wire.getValue().isEmpty(),
                "'" + wire.getKey() + "'='" + wire.getValue() + "'",
                "a key and a value");
        return wire;
    }

    static void check(String name, boolean valid, String value, String expected) {
        if (!valid) {
            throw invalid(name, value, expected);
        }
    }

    static IllegalArgumentException invalid(String name, String value, String expected) {
        return new IllegalArgumentException(name + ": " + value + " (expected: " + expected + ")");
    }
}
