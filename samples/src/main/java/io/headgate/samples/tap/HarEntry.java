package io.headgate.samples.tap;

import io.headgate.http.Fields;
import io.headgate.samples.tap.HarExchange.Captured;
import io.headgate.tap.TapEvent.End;
import io.headgate.tap.TapEvent.RequestInit;
import io.headgate.tap.TapEvent.ResponseEnd;
import io.headgate.tap.TapEvent.ResponseInit;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * An exchange as an entry of HAR 1.2. What the format asks for and a tap does not know is said in the way that the format has for
 * it: -1 for sizes and times, {@code unknown} for the version. Names with an underscore are our own, which the format allows.
 */
final class HarEntry {

    private static final JsonMapper JSON = new JsonMapper();
    private static final double NANOS = 1e6;
    private static final String UNKNOWN = "unknown"; // taps do not tell the version of HTTP

    private final HarExchange exchange;
    private final RequestInit request;
    private final @Nullable ResponseInit response;
    private final @Nullable ResponseEnd end;

    private HarEntry(HarExchange exchange) {
        this.exchange = exchange;
        this.request = exchange.request();
        this.response = exchange.response();
        this.end = exchange.end();
    }

    static ObjectNode of(HarExchange exchange, String page) {
        return new HarEntry(exchange).json(page);
    }

    private ObjectNode json(String page) {
        double wait = response != null ? millis(response.sinceRequestInit()) : end != null ? total(end) : 0;
        double receive = end != null && response != null ? Math.max(0, total(end) - wait) : 0;
        ObjectNode entry = JSON.createObjectNode()
                .put("pageref", page)
                .put("startedDateTime", exchange.start().toString())
                .put("time", wait + receive);
        entry.set("request", request());
        entry.set("response", response());
        entry.putObject("cache");
        entry.putObject("timings")
                .put("blocked", -1)
                .put("dns", -1)
                .put("connect", -1)
                .put("send", 0)
                .put("wait", wait)
                .put("receive", receive)
                .put("ssl", -1);
        peers(entry);
        return entry;
    }

    private static double total(ResponseEnd end) {
        return millis(end.sinceRequestInit());
    }

    private static double millis(long nanos) {
        return nanos / NANOS;
    }

    private void peers(ObjectNode entry) {
        InetSocketAddress destination = request.peers().destination();
        if (destination != null && !destination.isUnresolved()) {
            entry.put("serverIPAddress", destination.getAddress().getHostAddress());
        }
        InetSocketAddress source = request.peers().source();
        if (source != null) {
            entry.put("connection", String.valueOf(source.getPort()));
        }
        entry.put("_id", request.id().toString());
        entry.put("_source", Printable.address(source));
        entry.put("_destination", Printable.address(destination));
        labels(entry, "_destinationLabels", request.peers().destinationLabels());
        labels(entry, "_routeLabels", request.peers().routeLabels());
        if (end == null) {
            entry.put("comment", "the end was not seen");
        }
    }

    private static void labels(ObjectNode entry, String name, Map<String, String> labels) {
        if (!labels.isEmpty()) {
            labels.forEach(entry.putObject(name)::put);
        }
    }

    private ObjectNode request() {
        ObjectNode json = JSON.createObjectNode()
                .put("method", request.method())
                .put("url", url())
                .put("httpVersion", UNKNOWN);
        json.set("cookies", HarCookies.sent(JSON.createArrayNode(), request.headers()));
        json.set("headers", fields(request.headers()));
        json.set("queryString", query());
        Captured body = exchange.requestBody();
        if (!body.isEmpty()) {
            postData(json.putObject("postData"), body.bytes());
        }
        return json.put("headersSize", -1).put("bodySize", end == null ? -1 : end.requestBytes());
    }

    private String url() {
        String target = request.target();
        return target.startsWith("/") || target.isEmpty()
                ? request.scheme() + "://" + request.authority() + target
                : request.scheme() + "://" + request.authority() + "/" + target; // OPTIONS *
    }

    private ArrayNode query() {
        ArrayNode query = JSON.createArrayNode();
        int start = request.target().indexOf('?');
        if (start >= 0) {
            for (String pair : request.target().substring(start + 1).split("&")) {
                int equals = pair.indexOf('=');
                if (!pair.isEmpty()) {
                    query.addObject()
                            .put("name", decoded(equals < 0 ? pair : pair.substring(0, equals)))
                            .put("value", equals < 0 ? "" : decoded(pair.substring(equals + 1)));
                }
            }
        }
        return query;
    }

    private static String decoded(String text) {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException notEncoded) {
            return text;
        }
    }

    /** The format has no way to say that this is base64, so that is in a name of our own. */
    private void postData(ObjectNode json, byte[] body) {
        json.put("mimeType", type(request.headers())).putArray("params");
        String text = Printable.utf8(body);
        if (text == null) {
            json.put("text", Base64.getEncoder().encodeToString(body)).put("_encoding", "base64");
        } else {
            json.put("text", text);
        }
        if (end != null && !exchange.requestBody().isWhole(end.requestBytes())) {
            json.put("comment", "only the first " + body.length + " bytes");
        }
    }

    private ObjectNode response() {
        Fields headers = response == null ? Fields.empty() : response.headers();
        String location = headers.get("location");
        ObjectNode json = JSON.createObjectNode()
                .put("status", response == null ? 0 : response.status())
                .put("statusText", "")
                .put("httpVersion", UNKNOWN);
        json.set("cookies", HarCookies.received(JSON.createArrayNode(), headers));
        json.set("headers", fields(headers));
        long passed = end == null ? -1 : end.responseBytes();
        json.set(
                "content",
                HarContent.of(JSON.createObjectNode(), type(headers), headers, exchange.responseBody(), passed));
        json.put("redirectURL", location == null ? "" : location)
                .put("headersSize", -1)
                .put("bodySize", passed);
        if (end != null) {
            how(json, end);
        }
        return json;
    }

    private static void how(ObjectNode json, ResponseEnd end) {
        if (end.trailers().size() > 0) {
            json.set("_trailers", fields(end.trailers()));
        }
        if (end.end() instanceof End.Grpc grpc) {
            json.put("_grpcStatus", grpc.status());
        } else if (end.end() instanceof End.Failed failed) {
            json.put("_error", failed.error()); // shown by Chromium in place of a status
        } else if (end.end() instanceof End.Cancelled) {
            json.put("_error", "cancelled");
        }
    }

    private static String type(Fields headers) {
        String type = headers.get("content-type");
        return type == null ? "" : type;
    }

    private static ArrayNode fields(Fields fields) {
        ArrayNode list = JSON.createArrayNode();
        for (int i = 0; i < fields.size(); i++) {
            list.addObject()
                    .put("name", fields.name(i).toString())
                    .put("value", fields.value(i).toString());
        }
        return list;
    }
}
