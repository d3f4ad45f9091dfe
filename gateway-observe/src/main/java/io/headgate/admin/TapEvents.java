package io.headgate.admin;

import io.headgate.admin.internal.Answer.Event;
import io.headgate.admin.internal.Json;
import io.headgate.http.Fields;
import io.headgate.tap.TapEvent;
import io.headgate.tap.TapEvent.Peers;
import io.headgate.tap.TapMatch;
import io.headgate.tap.TapRequest;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How the events of a tap are written. */
final class TapEvents {

    private final boolean headers;

    /**
     * For one observation.
     *
     * @param headers whether there are header fields to write
     */
    TapEvents(boolean headers) {
        this.headers = headers;
    }

    Event write(TapEvent event) {
        Map<String, Object> data = new LinkedHashMap<>();
        if (event instanceof TapEvent.OfExchange one) {
            data.put("id", one.id().toString());
        }
        if (event instanceof TapEvent.RequestInit init) {
            return requestInit(init, data);
        } else if (event instanceof TapEvent.ResponseInit init) {
            data.put("sinceRequestInitMs", millis(init.sinceRequestInit()));
            data.put("status", init.status());
            fields("headers", init.headers(), data);
            return new Event("response_init", data);
        } else if (event instanceof TapEvent.BodyData body) {
            data.put("of", body.ofRequest() ? "request" : "response");
            data.put("offset", body.offset());
            String text = text(body.data());
            data.put(text == null ? "base64" : "text", text == null ? base64(body.data()) : text);
            data.put("cut", body.isCut());
            return new Event("body", data);
        } else if (event instanceof TapEvent.ResponseEnd end) {
            return responseEnd(end, data);
        }
        TapEvent.Dropped dropped = (TapEvent.Dropped) event;
        data.put("events", dropped.events());
        data.put("exchanges", dropped.exchanges());
        return new Event("dropped", data);
    }

    private Event requestInit(TapEvent.RequestInit init, Map<String, Object> data) {
        Peers peers = init.peers();
        data.put("direction", peers.point().direction().name().toLowerCase(Locale.ROOT));
        data.put("source", address(peers.source()));
        data.put("sourceLabels", peers.sourceLabels());
        data.put("destination", address(peers.destination()));
        data.put("destinationLabels", peers.destinationLabels());
        data.put("routeLabels", peers.routeLabels());
        data.put("method", init.method());
        data.put("scheme", init.scheme());
        data.put("authority", init.authority());
        data.put("path", init.path());
        data.put("target", init.target());
        fields("headers", init.headers(), data);
        return new Event("request_init", data);
    }

    private Event responseEnd(TapEvent.ResponseEnd end, Map<String, Object> data) {
        data.put("sinceRequestInitMs", millis(end.sinceRequestInit()));
        data.put("sinceResponseInitMs", end.sinceResponseInit() < 0 ? null : millis(end.sinceResponseInit()));
        data.put("requestBytes", end.requestBytes());
        data.put("responseBytes", end.responseBytes());
        end(end.end(), data);
        fields("trailers", end.trailers(), data);
        return new Event("response_end", data);
    }

    private static void end(TapEvent.End end, Map<String, Object> data) {
        if (end instanceof TapEvent.End.Grpc grpc) {
            data.put("end", "grpc");
            data.put("grpcStatus", grpc.status());
        } else if (end instanceof TapEvent.End.Failed failed) {
            data.put("end", "failed");
            data.put("error", failed.error());
            if (failed.reset() >= 0) {
                data.put("reset", failed.reset());
            }
        } else {
            data.put("end", end instanceof TapEvent.End.Complete ? "complete" : "cancelled");
        }
    }

    private void fields(String name, Fields fields, Map<String, Object> data) {
        if (headers) {
            List<Map<String, String>> all = new ArrayList<>(fields.size());
            for (int i = 0; i < fields.size(); i++) {
                Map<String, String> field = new LinkedHashMap<>();
                field.put("name", fields.name(i).toString());
                field.put("value", fields.value(i).toString());
                all.add(field);
            }
            data.put(name, all);
        }
    }

    private static @Nullable String address(@Nullable InetSocketAddress address) {
        return address == null ? null : Json.address(address);
    }

    private static double millis(long nanos) {
        return nanos / 1000 / 1e3;
    }

    /** Null when it is not UTF-8 from end to end, which a piece of a text need not be. */
    private static @Nullable String text(byte[] data) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(data))
                    .toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static String base64(byte[] data) {
        return Base64.getEncoder().encodeToString(data);
    }

    /** What was asked for. */
    static Map<String, Object> request(TapRequest request) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("limit", request.limit());
        view.put("match", match(request.match()));
        view.put("probability", request.probability());
        view.put("headers", request.headers().shown());
        view.put("bodyBytes", request.bodyBytes());
        view.put("queue", request.queue());
        return view;
    }

    private static String match(TapMatch match) {
        return match.equals(TapMatch.EVERYTHING) ? "everything" : match.toString();
    }
}
