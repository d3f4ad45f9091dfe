package io.headgate.samples.tap;

import io.headgate.http.Fields;
import io.headgate.rpc.RpcStatus;
import io.headgate.tap.TapEvent;
import io.headgate.tap.TapEvent.BodyData;
import io.headgate.tap.TapEvent.Dropped;
import io.headgate.tap.TapEvent.End;
import io.headgate.tap.TapEvent.OfExchange;
import io.headgate.tap.TapEvent.Peers;
import io.headgate.tap.TapEvent.RequestInit;
import io.headgate.tap.TapEvent.ResponseEnd;
import io.headgate.tap.TapEvent.ResponseInit;
import io.headgate.tap.TapPoint.Direction;
import java.util.Map;
import java.util.function.Function;

/** Events as lines for people, in the form that users of taps know: {@code req}, {@code rsp} and {@code end} with an id. */
public final class TapLines implements Function<Seen, String> {

    private static final String INDENT = "    ";

    private final boolean labels;
    private final boolean headers;

    /**
     * Makes a format.
     *
     * @param labels whether to add the labels of source, destination and route, and the scheme
     * @param headers whether to add header fields and trailers
     */
    public TapLines(boolean labels, boolean headers) {
        this.labels = labels;
        this.headers = headers;
    }

    /**
     * One event.
     *
     * @param seen the event
     * @return a line, and indented ones for what has lines of its own; without a line end
     */
    @Override
    public String apply(Seen seen) {
        TapEvent event = seen.event();
        if (event instanceof RequestInit request) {
            return line("req", request)
                    + field(":method", request.method())
                    + (labels ? field(":scheme", request.scheme()) : "")
                    + field(":authority", request.authority())
                    + field(":path", request.target())
                    + more(request, request.headers());
        } else if (event instanceof ResponseInit response) {
            return line("rsp", response)
                    + field(":status", String.valueOf(response.status()))
                    + field("latency", micros(response.sinceRequestInit()))
                    + more(response, response.headers());
        } else if (event instanceof ResponseEnd end) {
            return end(end);
        } else if (event instanceof BodyData data) {
            return data(data);
        }
        Dropped dropped = (Dropped) event;
        return "... " + dropped.events() + " events dropped, " + dropped.exchanges() + " exchanges among them:"
                + " this observer is too slow for all of them";
    }

    private String line(String word, OfExchange event) {
        Peers peers = event.peers();
        boolean inbound = peers.point().direction() == Direction.INBOUND;
        Map<String, String> far = inbound ? peers.sourceLabels() : peers.destinationLabels();
        return word
                + field("id", event.id().toString())
                + field("proxy", inbound ? "in" : "out")
                + field("src", Printable.address(peers.source()))
                + field("dst", Printable.address(peers.destination()))
                + field("tls", far.getOrDefault("tls", "-"));
    }

    private String end(ResponseEnd end) {
        long duration = end.sinceResponseInit() >= 0 ? end.sinceResponseInit() : end.sinceRequestInit();
        return line("end", end)
                + how(end.end())
                + field("duration", micros(duration))
                + (end.requestBytes() > 0 ? field("request-length", end.requestBytes() + "B") : "")
                + field("response-length", end.responseBytes() + "B")
                + more(end, end.trailers());
    }

    private static String how(End end) {
        if (end instanceof End.Grpc grpc) {
            RpcStatus known = RpcStatus.of(grpc.status());
            return field("grpc-status", known == null ? String.valueOf(grpc.status()) : known.name());
        } else if (end instanceof End.Failed failed) {
            return field("error", failed.error())
                    + (failed.reset() < 0 ? "" : field("reset-error", String.valueOf(failed.reset())));
        }
        return end instanceof End.Cancelled ? field("error", "cancelled") : "";
    }

    private String data(BodyData data) {
        String text = Printable.utf8(data.data());
        String shown = text == null ? hex(data.data()) : Printable.lines(text);
        return line("dat", data)
                + field("of", data.ofRequest() ? "request" : "response")
                + (data.offset() > 0 ? field("offset", String.valueOf(data.offset())) : "")
                + field("length", data.data().length + "B")
                + (data.isCut() ? " cut" : "")
                + indented(shown);
    }

    private static String hex(byte[] data) {
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < data.length; i++) {
            hex.append(i == 0 ? "" : i % 32 == 0 ? "\n" : " ").append(String.format("%02x", data[i]));
        }
        return hex.toString();
    }

    private String more(OfExchange event, Fields fields) {
        StringBuilder more = new StringBuilder();
        if (labels) {
            labels(more, "src_", event.peers().sourceLabels());
            labels(more, "dst_", event.peers().destinationLabels());
            labels(more, "rt_", event.peers().routeLabels());
        }
        for (int i = 0; headers && i < fields.size(); i++) {
            more.append(indented(Printable.text(fields.name(i)) + ": " + Printable.text(fields.value(i))));
        }
        return more.toString();
    }

    private static void labels(StringBuilder line, String prefix, Map<String, String> labels) {
        labels.forEach((key, value) -> {
            if (!key.equals("tls")) {
                line.append(field(prefix + Printable.text(key), value));
            }
        });
    }

    private static String field(String name, String value) {
        return " " + name + "=" + Printable.text(value);
    }

    private static String micros(long nanos) {
        return nanos / 1_000 + "µs";
    }

    private static String indented(String text) {
        return text.isEmpty() ? "" : "\n" + INDENT + text.replace("\n", "\n" + INDENT);
    }
}
