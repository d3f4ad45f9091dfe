package io.headgate.discovery.linkerd;

import io.headgate.discovery.linkerd.internal.wire.HttpMethod;
import io.headgate.discovery.linkerd.internal.wire.HttpStatusRange;
import io.headgate.discovery.linkerd.internal.wire.PathMatch;
import io.headgate.http.RequestSyntax;
import io.headgate.profile.RequestMatch;
import io.headgate.profile.ResponseMatch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/**
 * The match language of profiles as the wire spells it. A part that makes no sense makes what it is a part of invalid: leaving it out
 * would make a condition match what its author did not mean.
 */
final class WireMatches {

    /** Deeper ones are refused, so that nobody's stack overflows. */
    private static final int MAX_DEPTH = 32;

    /** What makes no sense, and why. */
    static final class InvalidMatch extends Exception {

        private static final long serialVersionUID = 1L;

        InvalidMatch(String message) {
            super(message);
        }
    }

    @FunctionalInterface
    private interface Decoder<W, T> {
        T decode(W wire, int depth) throws InvalidMatch;
    }

    private WireMatches() {}

    // ---- from the wire

    static RequestMatch decode(io.headgate.discovery.linkerd.internal.wire.RequestMatch wire) throws InvalidMatch {
        try {
            return decode(wire, 0);
        } catch (IllegalArgumentException e) {
            throw new InvalidMatch(String.valueOf(e.getMessage()));
        }
    }

    private static RequestMatch decode(io.headgate.discovery.linkerd.internal.wire.RequestMatch wire, int depth)
            throws InvalidMatch {
        checkDepth(depth);
        return switch (wire.getMatchCase()) {
            case ALL -> new RequestMatch.All(each(wire.getAll().getMatchesList(), depth, WireMatches::decode));
            case ANY -> new RequestMatch.Any(each(wire.getAny().getMatchesList(), depth, WireMatches::decode));
            case NOT -> new RequestMatch.Not(decode(wire.getNot(), depth + 1));
            case PATH -> RequestMatch.path(wire.getPath().getRegex());
            case METHOD -> RequestMatch.method(method(wire.getMethod()));
            case MATCH_NOT_SET ->
                throw new InvalidMatch("request match: none (expected: all, any, not, path or method)");
        };
    }

    static ResponseMatch decode(io.headgate.discovery.linkerd.internal.wire.ResponseMatch wire) throws InvalidMatch {
        try {
            return decodeResponse(wire, 0);
        } catch (IllegalArgumentException e) {
            throw new InvalidMatch(String.valueOf(e.getMessage()));
        }
    }

    private static ResponseMatch decodeResponse(
            io.headgate.discovery.linkerd.internal.wire.ResponseMatch wire, int depth) throws InvalidMatch {
        checkDepth(depth);
        return switch (wire.getMatchCase()) {
            case ALL -> new ResponseMatch.All(each(wire.getAll().getMatchesList(), depth, WireMatches::decodeResponse));
            case ANY -> new ResponseMatch.Any(each(wire.getAny().getMatchesList(), depth, WireMatches::decodeResponse));
            case NOT -> new ResponseMatch.Not(decodeResponse(wire.getNot(), depth + 1));
            case STATUS -> status(wire.getStatus());
            case MATCH_NOT_SET -> throw new InvalidMatch("response match: none (expected: all, any, not or status)");
        };
    }

    private static void checkDepth(int depth) throws InvalidMatch {
        if (depth > MAX_DEPTH) {
            throw new InvalidMatch("match: nested deeper than " + MAX_DEPTH + " (expected: less)");
        }
    }

    private static <W, T> List<T> each(List<W> wires, int depth, Decoder<W, T> decoder) throws InvalidMatch {
        List<T> parts = new ArrayList<>(wires.size());
        for (W wire : wires) {
            parts.add(decoder.decode(wire, depth + 1));
        }
        return parts;
    }

    private static String method(HttpMethod wire) throws InvalidMatch {
        return switch (wire.getTypeCase()) {
            case REGISTERED -> {
                if (wire.getRegistered() == HttpMethod.Registered.UNRECOGNIZED) {
                    throw new InvalidMatch("method: number " + wire.getRegisteredValue() + " (expected: 0 to 8)");
                }
                yield wire.getRegistered().name();
            }
            case UNREGISTERED -> {
                if (!RequestSyntax.isMethod(wire.getUnregistered())) {
                    throw new InvalidMatch("method: '" + wire.getUnregistered() + "' (expected: a token)");
                }
                yield wire.getUnregistered();
            }
            case TYPE_NOT_SET -> throw new InvalidMatch("method: none (expected: one)");
        };
    }

    /** With one end missing it is that one status. */
    private static ResponseMatch status(HttpStatusRange wire) {
        int min = wire.getMin() == 0 ? wire.getMax() : wire.getMin();
        int max = wire.getMax() == 0 ? wire.getMin() : wire.getMax();
        return new ResponseMatch.Status(min, max);
    }

    // ---- to the wire

    static io.headgate.discovery.linkerd.internal.wire.RequestMatch encode(RequestMatch match) {
        var wire = io.headgate.discovery.linkerd.internal.wire.RequestMatch.newBuilder();
        if (match instanceof RequestMatch.All all) {
            wire.setAll(sequence(all.parts()));
        } else if (match instanceof RequestMatch.Any any) {
            wire.setAny(sequence(any.parts()));
        } else if (match instanceof RequestMatch.Not not) {
            wire.setNot(encode(not.part()));
        } else if (match instanceof RequestMatch.Path path) {
            wire.setPath(PathMatch.newBuilder().setRegex(path.pattern().regex()));
        } else {
            wire.setMethod(method(((RequestMatch.Method) match).method()));
        }
        return wire.build();
    }

    private static io.headgate.discovery.linkerd.internal.wire.RequestMatch.Seq sequence(List<RequestMatch> parts) {
        return io.headgate.discovery.linkerd.internal.wire.RequestMatch.Seq.newBuilder()
                .addAllMatches(encoded(parts, WireMatches::encode))
                .build();
    }

    private static HttpMethod method(String method) {
        for (HttpMethod.Registered registered : HttpMethod.Registered.values()) {
            if (registered.name().equals(method) && registered != HttpMethod.Registered.UNRECOGNIZED) {
                return HttpMethod.newBuilder().setRegistered(registered).build();
            }
        }
        return HttpMethod.newBuilder().setUnregistered(method).build();
    }

    static io.headgate.discovery.linkerd.internal.wire.ResponseMatch encode(ResponseMatch match) {
        var wire = io.headgate.discovery.linkerd.internal.wire.ResponseMatch.newBuilder();
        if (match instanceof ResponseMatch.All all) {
            wire.setAll(sequenceOfResponses(all.parts()));
        } else if (match instanceof ResponseMatch.Any any) {
            wire.setAny(sequenceOfResponses(any.parts()));
        } else if (match instanceof ResponseMatch.Not not) {
            wire.setNot(encode(not.part()));
        } else {
            ResponseMatch.Status status = (ResponseMatch.Status) match;
            wire.setStatus(HttpStatusRange.newBuilder().setMin(status.min()).setMax(status.max()));
        }
        return wire.build();
    }

    private static io.headgate.discovery.linkerd.internal.wire.ResponseMatch.Seq sequenceOfResponses(
            List<ResponseMatch> parts) {
        return io.headgate.discovery.linkerd.internal.wire.ResponseMatch.Seq.newBuilder()
                .addAllMatches(encoded(parts, WireMatches::encode))
                .build();
    }

    private static <T, W> List<W> encoded(List<T> parts, Function<T, W> encoder) {
        return parts.stream().map(encoder).toList();
    }
}
