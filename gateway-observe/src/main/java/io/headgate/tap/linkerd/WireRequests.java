package io.headgate.tap.linkerd;

import io.headgate.tap.TapHeaders;
import io.headgate.tap.TapRequest;
import io.headgate.tap.linkerd.internal.wire.ObserveExtras;
import io.headgate.tap.linkerd.internal.wire.ObserveRequest;
import io.headgate.tap.linkerd.internal.wire.ObserveRequest.Extract;
import java.util.HashSet;
import java.util.Set;

/** What an observer wants to see, as the wire spells it. */
final class WireRequests {

    private WireRequests() {}

    /** Asks for all that we know of, which others pass over. */
    static ObserveRequest encode(TapRequest request) {
        ObserveRequest.Builder wire = ObserveRequest.newBuilder()
                .setLimit((int) request.limit())
                .setMatch(MatchWriter.encode(request.match()))
                .setExtras(ObserveExtras.newBuilder()
                        .setBodyBytes(request.bodyBytes())
                        .setProbability(request.probability())
                        .setQueue(request.queue())
                        .addAllRedacted(request.headers().redacted()));
        if (request.headers().shown()) {
            wire.setExtract(Extract.newBuilder()
                    .setHttp(Extract.Http.newBuilder().setHeaders(Extract.Http.Headers.getDefaultInstance())));
        }
        return wire.build();
    }

    /**
     * Reads a request.
     *
     * @throws IllegalArgumentException when it is invalid, or wants more than the server gives; the message says why
     */
    static TapRequest decode(ObserveRequest wire, TapServerSettings settings) {
        ObserveExtras extras = wire.getExtras();
        long bodyBytes = Integer.toUnsignedLong(extras.getBodyBytes());
        atMost("body_bytes", bodyBytes, settings.maxBodyBytes());
        long asked = Integer.toUnsignedLong(extras.getQueue());
        atMost("queue", asked, settings.maxQueue());
        int queue = asked == 0 ? Math.min(TapRequest.DEFAULT_QUEUE, settings.maxQueue()) : (int) asked;
        double probability = extras.getProbability() == 0 ? 1 : extras.getProbability();
        return new TapRequest(
                Integer.toUnsignedLong(wire.getLimit()),
                WireMatches.decode(wire.getMatch()),
                probability,
                new TapHeaders(wire.getExtract().getHttp().hasHeaders(), secrets(settings.secrets(), extras)),
                (int) bodyBytes,
                queue);
    }

    private static void atMost(String name, long value, int most) {
        WireMatches.check(name, value <= most, Long.toString(value), "0.." + most + " at this gateway");
    }

    /** A client can hide more, and never less. */
    private static Set<String> secrets(Set<String> own, ObserveExtras extras) {
        if (extras.getRedactedCount() == 0) {
            return own;
        }
        Set<String> all = new HashSet<>(own);
        all.addAll(extras.getRedactedList());
        return all;
    }
}
