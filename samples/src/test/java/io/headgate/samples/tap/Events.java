package io.headgate.samples.tap;

import io.headgate.http.Fields;
import io.headgate.tap.TapEvent;
import io.headgate.tap.TapEvent.BodyData;
import io.headgate.tap.TapEvent.End;
import io.headgate.tap.TapEvent.Peers;
import io.headgate.tap.TapEvent.RequestInit;
import io.headgate.tap.TapEvent.ResponseEnd;
import io.headgate.tap.TapEvent.ResponseInit;
import io.headgate.tap.TapId;
import io.headgate.tap.TapPoint;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The events of exchanges that never were. */
public final class Events {

    /** When they would have been. */
    public static final Instant START = Instant.parse("2026-01-02T03:04:05.678901Z");

    /** Without labels of a route. */
    public static final Peers PEERS = peers(Map.of());

    private static final long MILLI = 1_000_000;

    private Events() {}

    static Peers peers(Map<String, String> routeLabels) {
        return new Peers(
                TapPoint.OUTBOUND,
                new InetSocketAddress("127.0.0.1", 50000),
                Map.of("tls", "false"),
                new InetSocketAddress("127.0.0.2", 9000),
                new TreeMap<>(Map.of("tls", "true", "zone", "a")),
                routeLabels);
    }

    static TapId id(long stream) {
        return new TapId(-1, stream);
    }

    static RequestInit request(long stream, String method, String target, String... headers) {
        return new RequestInit(id(stream), PEERS, method, "http", "books.example", target, Fields.of(headers));
    }

    static ResponseInit response(long stream, long millis, int status, String... headers) {
        return new ResponseInit(id(stream), PEERS, millis * MILLI, status, Fields.of(headers));
    }

    static BodyData data(long stream, boolean ofRequest, long offset, String text, boolean isCut) {
        return new BodyData(id(stream), PEERS, ofRequest, offset, text.getBytes(StandardCharsets.UTF_8), isCut);
    }

    static ResponseEnd end(long stream, long millis, long responseBytes, End end, String... trailers) {
        return new ResponseEnd(
                id(stream), PEERS, millis * MILLI, millis * MILLI / 2, 5, responseBytes, end, Fields.of(trailers));
    }

    /** An exchange that has no reply. */
    static ResponseEnd failed(long stream, long millis, String error) {
        return new ResponseEnd(id(stream), PEERS, millis * MILLI, -1, 0, 0, new End.Failed(error, -1), Fields.empty());
    }

    /**
     * A whole exchange.
     *
     * @param stream which one
     * @param target what was asked for
     * @param status of the reply
     * @return its events
     */
    public static List<TapEvent> exchange(long stream, String target, int status) {
        return List.of(
                request(stream, "GET", target), response(stream, 2, status), end(stream, 4, 12, new End.Complete()));
    }

    static Seen seen(TapEvent event) {
        return new Seen(START, event);
    }
}
