package io.headgate.samples.tap;

import io.headgate.http.Fields;
import io.headgate.resolve.Endpoint;
import io.headgate.tap.TapEvent;
import io.headgate.tap.TapEvent.BodyData;
import io.headgate.tap.TapEvent.Dropped;
import io.headgate.tap.TapEvent.End;
import io.headgate.tap.TapEvent.Peers;
import io.headgate.tap.TapEvent.RequestInit;
import io.headgate.tap.TapEvent.ResponseEnd;
import io.headgate.tap.TapEvent.ResponseInit;
import io.headgate.tap.TapId;
import io.headgate.tap.TapPoint;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Reads what {@link TapJson} writes. */
public final class TapJsonReader {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int LONGEST_QUOTE = 60;

    private TapJsonReader() {}

    /**
     * Reads an event.
     *
     * @param line an object of JSON
     * @return the event
     * @throws IllegalArgumentException when it is none; the message says what is wrong
     */
    public static Seen read(String line) {
        try {
            JsonNode json = JSON.readTree(line);
            return new Seen(Instant.parse(text(json, "at")), event(json));
        } catch (JacksonException | DateTimeException | NumberFormatException broken) {
            throw new IllegalArgumentException(
                    quoted(line) + " (expected: an event of a tap as an object of JSON)", broken);
        }
    }

    private static TapEvent event(JsonNode json) {
        String kind = text(json, "event");
        return switch (kind) {
            case "request" ->
                new RequestInit(
                        id(json),
                        peers(json),
                        text(json, "method"),
                        text(json, "scheme"),
                        text(json, "authority"),
                        text(json, "target"),
                        fields(json.path("headers")));
            case "response" ->
                new ResponseInit(
                        id(json),
                        peers(json),
                        number(json, "sinceRequest"),
                        (int) number(json, "status"),
                        fields(json.path("headers")));
            case "data" ->
                new BodyData(
                        id(json),
                        peers(json),
                        text(json, "of").equals("request"),
                        number(json, "offset"),
                        bytes(json),
                        json.path("cut").booleanValue(false));
            case "end" ->
                new ResponseEnd(
                        id(json),
                        peers(json),
                        number(json, "sinceRequest"),
                        json.has("sinceResponse") ? number(json, "sinceResponse") : -1,
                        number(json, "requestBytes"),
                        number(json, "responseBytes"),
                        end(json.path("how")),
                        fields(json.path("trailers")));
            case "dropped" -> new Dropped(number(json, "events"), number(json, "exchanges"));
            default ->
                throw new IllegalArgumentException(
                        "event: " + quoted(kind) + " (expected: request, response, data, end or dropped)");
        };
    }

    private static TapId id(JsonNode json) {
        String id = text(json, "id");
        int colon = id.indexOf(':');
        return new TapId(
                Integer.parseUnsignedInt(id.substring(0, Math.max(0, colon))), Long.parseLong(id.substring(colon + 1)));
    }

    private static Peers peers(JsonNode json) {
        boolean inbound = text(json, "direction").equals("inbound");
        return new Peers(
                inbound ? TapPoint.INBOUND : TapPoint.OUTBOUND,
                address(json.get("source")),
                labels(json.path("sourceLabels")),
                address(json.get("destination")),
                labels(json.path("destinationLabels")),
                labels(json.path("routeLabels")));
    }

    private static @Nullable InetSocketAddress address(@Nullable JsonNode node) {
        if (node == null) {
            return null;
        }
        String text = node.stringValue();
        int colon = text.lastIndexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("address: " + quoted(text) + " (expected: HOST:PORT)");
        }
        return Endpoint.of(text.substring(0, colon), Integer.parseInt(text.substring(colon + 1)))
                .address();
    }

    private static Map<String, String> labels(JsonNode node) {
        Map<String, String> labels = new TreeMap<>();
        node.properties()
                .forEach(label -> labels.put(label.getKey(), label.getValue().stringValue()));
        return labels.isEmpty() ? Map.of() : Collections.unmodifiableMap(labels);
    }

    private static Fields fields(JsonNode pairs) {
        Fields.Builder fields = Fields.builder();
        for (JsonNode pair : pairs.values()) {
            fields.add(pair.path(0).stringValue(), pair.path(1).stringValue());
        }
        return fields.build();
    }

    private static byte[] bytes(JsonNode json) {
        return json.has("text")
                ? text(json, "text").getBytes(StandardCharsets.UTF_8)
                : Base64.getDecoder().decode(text(json, "base64"));
    }

    private static End end(JsonNode how) {
        if (how.has("grpc")) {
            return new End.Grpc((int) number(how, "grpc"));
        } else if (how.has("error")) {
            return new End.Failed(text(how, "error"), how.has("reset") ? number(how, "reset") : -1);
        }
        return how.has("cancelled") ? new End.Cancelled() : new End.Complete();
    }

    private static String text(JsonNode json, String name) {
        JsonNode node = json.path(name);
        if (!node.isString()) {
            throw new IllegalArgumentException(name + ": " + quoted(node.toString()) + " (expected: a text)");
        }
        return node.stringValue();
    }

    private static long number(JsonNode json, String name) {
        JsonNode node = json.path(name);
        if (!node.isIntegralNumber() || !node.canConvertToLong()) {
            throw new IllegalArgumentException(name + ": " + quoted(node.toString()) + " (expected: a whole number)");
        }
        return node.longValue();
    }

    private static String quoted(String text) {
        return Printable.text(text.length() > LONGEST_QUOTE ? text.substring(0, LONGEST_QUOTE) + "..." : text);
    }
}
