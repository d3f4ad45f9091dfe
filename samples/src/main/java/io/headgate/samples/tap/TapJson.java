package io.headgate.samples.tap;

import io.headgate.http.Fields;
import io.headgate.tap.TapEvent;
import io.headgate.tap.TapEvent.BodyData;
import io.headgate.tap.TapEvent.Dropped;
import io.headgate.tap.TapEvent.End;
import io.headgate.tap.TapEvent.OfExchange;
import io.headgate.tap.TapEvent.Peers;
import io.headgate.tap.TapEvent.RequestInit;
import io.headgate.tap.TapEvent.ResponseEnd;
import io.headgate.tap.TapEvent.ResponseInit;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Events as JSON, an object on a line; {@link TapJsonReader} reads them again. Times that passed are in nanoseconds. */
public final class TapJson implements Function<Seen, String> {

    private static final JsonMapper JSON = new JsonMapper();

    /** Makes a format. */
    public TapJson() {}

    @Override
    public String apply(Seen seen) {
        ObjectNode json = JSON.createObjectNode().put("at", seen.at().toString());
        TapEvent event = seen.event();
        if (event instanceof Dropped dropped) {
            json.put("event", "dropped").put("events", dropped.events()).put("exchanges", dropped.exchanges());
        } else if (event instanceof RequestInit request) {
            exchange(json, "request", request)
                    .put("method", request.method())
                    .put("scheme", request.scheme())
                    .put("authority", request.authority())
                    .put("target", request.target())
                    .set("headers", fields(request.headers()));
        } else if (event instanceof ResponseInit response) {
            exchange(json, "response", response)
                    .put("sinceRequest", response.sinceRequestInit())
                    .put("status", response.status())
                    .set("headers", fields(response.headers()));
        } else if (event instanceof BodyData data) {
            data(exchange(json, "data", data), data);
        } else if (event instanceof ResponseEnd end) {
            end(exchange(json, "end", end), end);
        }
        return JSON.writeValueAsString(json);
    }

    private static ObjectNode exchange(ObjectNode json, String kind, OfExchange event) {
        Peers peers = event.peers();
        json.put("event", kind)
                .put("id", event.id().toString())
                .put("direction", peers.point().direction().name().toLowerCase(Locale.ROOT));
        if (peers.source() != null) {
            json.put("source", Printable.address(peers.source()));
        }
        labels(json, "sourceLabels", peers.sourceLabels());
        if (peers.destination() != null) {
            json.put("destination", Printable.address(peers.destination()));
        }
        labels(json, "destinationLabels", peers.destinationLabels());
        labels(json, "routeLabels", peers.routeLabels());
        return json;
    }

    private static void labels(ObjectNode json, String name, Map<String, String> labels) {
        if (!labels.isEmpty()) {
            ObjectNode node = json.putObject(name);
            labels.forEach(node::put);
        }
    }

    /** Pairs, because names may come more than once, and their order counts. */
    private static ArrayNode fields(Fields fields) {
        ArrayNode pairs = JSON.createArrayNode();
        for (int i = 0; i < fields.size(); i++) {
            pairs.addArray().add(fields.name(i).toString()).add(fields.value(i).toString());
        }
        return pairs;
    }

    private static void data(ObjectNode json, BodyData data) {
        json.put("of", data.ofRequest() ? "request" : "response")
                .put("offset", data.offset())
                .put("cut", data.isCut());
        String text = Printable.utf8(data.data());
        if (text == null) {
            json.put("base64", Base64.getEncoder().encodeToString(data.data()));
        } else {
            json.put("text", text);
        }
    }

    private static void end(ObjectNode json, ResponseEnd end) {
        json.put("sinceRequest", end.sinceRequestInit());
        if (end.sinceResponseInit() >= 0) {
            json.put("sinceResponse", end.sinceResponseInit());
        }
        json.put("requestBytes", end.requestBytes()).put("responseBytes", end.responseBytes());
        how(json.putObject("how"), end.end());
        json.set("trailers", fields(end.trailers()));
    }

    private static void how(ObjectNode json, End end) {
        if (end instanceof End.Grpc grpc) {
            json.put("grpc", grpc.status());
        } else if (end instanceof End.Failed failed) {
            json.put("error", failed.error());
            if (failed.reset() >= 0) {
                json.put("reset", failed.reset());
            }
        } else {
            json.put(end instanceof End.Cancelled ? "cancelled" : "complete", true);
        }
    }
}
