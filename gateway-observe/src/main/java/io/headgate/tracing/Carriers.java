package io.headgate.tracing;

import io.headgate.http.Fields;
import io.headgate.http.RequestHead;
import io.micrometer.observation.transport.Propagator;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How propagators read trace contexts from requests and write them. */
final class Carriers {

    /** How much of {@code tracestate} is passed on; W3C wants 512 at least. */
    static final int TRACESTATE = 1024;

    /** How much of any other field, such as {@code baggage}, which W3C lets be as long. */
    static final int OTHERS = 8192;

    /** Reads the fields. */
    static final Propagator.Getter<RequestHead> READING = new Reading();

    /** Sees nothing: for peers who are not believed. */
    static final Propagator.Getter<RequestHead> BLIND = (head, name) -> null;

    private Carriers() {}

    /** Writes a field; what a tracer makes of what strangers sent may be none, and then is left out. */
    static void write(Fields.@Nullable Builder fields, String name, String value) {
        if (fields == null) {
            return;
        }
        try {
            fields.set(name, value);
        } catch (IllegalArgumentException malformed) {
            fields.remove(name);
        }
    }

    /** A head with a trace context in the place of the one that came. */
    static RequestHead replace(RequestHead head, Fields context) {
        if (context.isEmpty()) {
            return head;
        }
        Fields.Builder edited = head.fields().toBuilder();
        for (TraceFormat format : TraceFormat.values()) {
            if (format.names().stream().anyMatch(context::contains)) {
                format.names().forEach(edited::remove);
            }
        }
        for (int i = 0; i < context.size(); i++) {
            edited.set(context.name(i), context.value(i));
        }
        return head.withFields(edited.build());
    }

    private static final class Reading implements Propagator.Getter<RequestHead> {

        @Override
        public @Nullable String get(RequestHead head, String name) {
            Fields fields = head.fields();
            int at = fields.indexOf(name, 0);
            if (at < 0) {
                return null;
            }
            if (fields.indexOf(name, at + 1) < 0) {
                return bounded(name, fields.value(at));
            }
            return switch (name.toLowerCase(Locale.ROOT)) {
                case "tracestate", "baggage" -> bounded(name, String.join(",", fields.all(name)));
                default -> null; // two of what there can be one of: neither is believed
            };
        }

        @Override
        public Iterable<String> getAll(RequestHead head, String name) {
            List<String> values = new ArrayList<>(1);
            int left = OTHERS;
            for (String value : head.fields().all(name)) {
                left -= value.length();
                if (left < 0) {
                    break;
                }
                values.add(value);
            }
            return values;
        }

        /** Whole members from the front, which are the newest. */
        private static @Nullable String bounded(String name, CharSequence value) {
            int most = name.equalsIgnoreCase("tracestate") ? TRACESTATE : OTHERS;
            String text = value.toString();
            if (text.length() <= most) {
                return text;
            }
            int end = text.lastIndexOf(',', most);
            return end < 0 ? null : text.substring(0, end);
        }
    }
}
