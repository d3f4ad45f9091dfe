package io.headgate.mux;

import io.headgate.GatewayException;
import io.headgate.Trait;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.netty.handler.codec.DateFormatter;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2Error;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The table of default answers: failure to problem details, or to a gRPC status. */
final class StandardErrorResponder implements ErrorResponder {

    static final StandardErrorResponder INSTANCE = new StandardErrorResponder();

    private static final Logger LOG = LoggerFactory.getLogger(StandardErrorResponder.class);

    private StandardErrorResponder() {}

    @Override
    public HttpReply respond(Throwable error, RequestHead head) {
        String id = Long.toHexString(ThreadLocalRandom.current().nextLong() | Long.MIN_VALUE);
        int status = 500;
        String detail = "internal error";
        Map<String, String> own = Map.of();
        if (error instanceof GatewayException known) {
            status = known.status();
            detail = String.valueOf(known.getMessage());
            own = known.replyFields();
            LOG.debug("{} {} failed, answered {} with id {}", head.method(), head.target(), status, id, error);
        } else {
            LOG.warn("{} {} failed, masked as 500 with id {}", head.method(), head.target(), id, error);
        }
        HttpReply reply = head.isGrpc() ? grpc(error, head, status, detail, id) : problem(status, detail, id);
        return own.isEmpty() ? reply : reply.withFields(with(own, reply.fields(), head.isGrpc()));
    }

    private static Fields with(Map<String, String> own, Fields fields, boolean grpc) {
        Fields.Builder all = fields.toBuilder();
        own.forEach(all::set);
        String seconds = own.get("retry-after");
        if (grpc && seconds != null && seconds.matches("[0-9]{1,9}")) {
            all.set("grpc-retry-pushback-ms", seconds + "000"); // what retry-after is to a client of gRPC (gRFC A6)
        }
        return all.build();
    }

    private static HttpReply problem(int status, String detail, String id) {
        String json = "{\"type\":\"about:blank\",\"title\":\"" + title(status) + "\",\"status\":" + status
                + ",\"detail\":\"" + escape(detail) + "\",\"instance\":\"urn:headgate:" + id + "\"}";
        Fields fields = Fields.of(
                "content-type", "application/problem+json",
                "cache-control", "no-cache",
                "date", DateFormatter.format(new Date()));
        return HttpReply.of(status, fields, Body.utf8(json));
    }

    private static HttpReply grpc(Throwable error, RequestHead head, int status, String detail, String id) {
        Fields fields = Fields.of(
                "content-type", contentType(head),
                "grpc-status", String.valueOf(grpcStatus(error, status)),
                "grpc-message", percentEncode(detail + " [" + id + "]"));
        return HttpReply.of(200, fields, Body.empty());
    }

    /** The one of the request, without parameters: a client may insist on its message format. */
    private static String contentType(RequestHead head) {
        String type = String.valueOf(head.fields().get("content-type"));
        int parameters = type.indexOf(';');
        return (parameters < 0 ? type : type.substring(0, parameters)).strip();
    }

    /**
     * What went wrong, as gRPC says it. This is not the table for clients that see an HTTP status instead of a gRPC one
     * (http-grpc-status-mapping): the gateway knows more than that, so 429 and 504 have their own statuses.
     */
    private static int grpcStatus(Throwable error, int status) {
        if (error instanceof GatewayException known && known.is(Trait.CANCELLED)) {
            return 1; // CANCELLED
        }
        if (error instanceof UpstreamException upstream) {
            if (upstream.resetCode() != UpstreamException.NO_CODE) {
                return grpcStatusOfReset(upstream.resetCode());
            }
            if (upstream.failure() == UpstreamException.Failure.PROTOCOL) {
                return 13; // INTERNAL
            }
        }
        return switch (status) {
            case 400, 414, 431 -> 13; // INTERNAL
            case 401 -> 16; // UNAUTHENTICATED
            case 403 -> 7; // PERMISSION_DENIED
            case 404, 405, 501 -> 12; // UNIMPLEMENTED
            case 408, 504 -> 4; // DEADLINE_EXCEEDED
            case 413, 429 -> 8; // RESOURCE_EXHAUSTED
            case 502, 503 -> 14; // UNAVAILABLE
            case 500 -> 13; // INTERNAL
            default -> 2; // UNKNOWN
        };
    }

    /** gRPC over HTTP/2, section Errors. */
    private static int grpcStatusOfReset(long code) {
        Http2Error error = Http2Error.valueOf(code);
        if (error == null) {
            return 13;
        }
        return switch (error) {
            case CANCEL -> 1; // CANCELLED
            case REFUSED_STREAM -> 14; // UNAVAILABLE
            case ENHANCE_YOUR_CALM -> 8; // RESOURCE_EXHAUSTED
            case INADEQUATE_SECURITY -> 7; // PERMISSION_DENIED
            default -> 13; // INTERNAL
        };
    }

    private static String title(int status) {
        String phrase = HttpResponseStatus.valueOf(status).reasonPhrase();
        return escape(phrase);
    }

    private static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 8);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                escaped.append('\\').append(c);
            } else if (c < 0x20 || c == 0x7f) {
                escaped.append(String.format("\\u%04x", (int) c));
            } else {
                escaped.append(c);
            }
        }
        return escaped.toString();
    }

    /** As the gRPC protocol wants messages: printable ASCII but for the percent sign, all else as escaped UTF-8. */
    private static String percentEncode(String text) {
        StringBuilder encoded = new StringBuilder(text.length() + 8);
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            if (b >= 0x20 && b < 0x7f && b != '%') {
                encoded.append((char) b);
            } else {
                encoded.append(String.format("%%%02X", b & 0xff));
            }
        }
        return encoded.toString();
    }
}
