package io.headgate.rpc.bridge;

import io.headgate.GatewayException;
import io.headgate.Trait;
import io.headgate.http.Fields;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.internal.Faults;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Failures of calls as HTTP says them, in the header of a reply or in its trailers, and back. */
final class Failures {

    private static final int MOST_TEXT = 1024;

    private Failures() {}

    // ---- into HTTP

    /** A failure that an error responder of HTTP can make a reply of, which says the status of the call, too. */
    static Throwable toHttp(Throwable error) {
        return error instanceof RpcException known ? new Told(known) : error;
    }

    /** A failure as the trailers of a reply that has begun. */
    static Fields trailers(Throwable error, String endpoint) {
        Fields.Builder fields = Fields.builder();
        fields(Faults.toSend(endpoint, error)).forEach(fields::add);
        return fields.build();
    }

    private static Map<String, String> fields(RpcException error) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put(Metadata.STATUS, Integer.toString(error.rpcStatus().number()));
        fields.put(Metadata.MESSAGE, escaped(String.valueOf(error.getMessage())));
        if (error.is(Trait.RETRYABLE)) {
            fields.put(Metadata.UNPROCESSED, "true");
        }
        return fields;
    }

    /** Printable ASCII but for the percent sign, all else as escaped UTF-8. */
    private static String escaped(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 8);
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < Math.min(bytes.length, MOST_TEXT); i++) {
            byte b = bytes[i];
            if (b > 0x20 && b < 0x7f && b != '%' || b == ' ' && i > 0 && i < bytes.length - 1) {
                escaped.append((char) b);
            } else {
                escaped.append(String.format("%%%02X", b & 0xff));
            }
        }
        return escaped.toString();
    }

    // ---- out of HTTP

    /** The failure that the header or the trailers of a reply tell of, or null. */
    static @Nullable RpcException told(Fields fields) {
        String number = fields.get(Metadata.STATUS);
        RpcStatus status = number == null ? RpcStatus.OK : status(number);
        if (status == RpcStatus.OK) {
            return null;
        }
        String message = fields.get(Metadata.MESSAGE);
        return RpcException.remote(
                status, message == null ? status.name() : unescaped(message), fields.contains(Metadata.UNPROCESSED));
    }

    private static RpcStatus status(String number) {
        RpcStatus status = number.matches("[0-9]{1,2}") ? RpcStatus.of(Integer.parseInt(number)) : null;
        return status == null ? RpcStatus.UNKNOWN : status;
    }

    private static String unescaped(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            int high = c == '%' && i + 2 < text.length() ? Character.digit(text.charAt(i + 1), 16) : -1;
            int low = high < 0 ? -1 : Character.digit(text.charAt(i + 2), 16);
            if (low < 0) {
                bytes.write(c);
            } else {
                bytes.write(high << 4 | low);
                i += 2;
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    /** The failure of a call that went through services of HTTP: their own failures have a status that fits. */
    static RpcException toRpc(String endpoint, Throwable error) {
        if (error instanceof Told told) {
            return told.failure;
        }
        if (error instanceof GatewayException known && known.is(Trait.CANCELLED)) {
            return RpcException.of(RpcStatus.CANCELLED, endpoint + ": " + known.getMessage(), known);
        }
        return Faults.toSend(endpoint, error);
    }

    /** A failed call on its way through HTTP: of the same status and traits, with fields that say the rest. */
    private static final class Told extends GatewayException {

        private static final long serialVersionUID = 1L;

        private final transient RpcException failure;

        Told(RpcException failure) {
            super(failure.status(), failure.traits(), String.valueOf(failure.getMessage()), failure, false);
            this.failure = failure;
        }

        @Override
        public Map<String, String> replyFields() {
            return fields(failure);
        }
    }
}
