package io.headgate.tracing;

import io.headgate.http.Fields;
import java.util.List;

/** How a trace context is written in header fields. */
public enum TraceFormat {
    /** {@code traceparent} and {@code tracestate} (W3C Trace Context). */
    W3C("traceparent", "tracestate") {
        @Override
        Wish wish(Fields fields) {
            return Traceparent.wish(fields);
        }
    },
    /** {@code b3}, or {@code X-B3-TraceId} and its like (Zipkin). */
    B3("b3", "x-b3-traceid", "x-b3-spanid", "x-b3-parentspanid", "x-b3-sampled", "x-b3-flags") {
        @Override
        Wish wish(Fields fields) {
            return B3Fields.wish(fields);
        }
    };

    private final List<String> names;

    TraceFormat(String... names) {
        this.names = List.of(names);
    }

    /** The fields that belong together: who writes one of them takes the others off. */
    List<String> names() {
        return names;
    }

    /** What the caller says of the sampling of its trace. */
    abstract Wish wish(Fields fields);

    /** Whether a trace is to be sampled. */
    enum Wish {
        /** It is. */
        SAMPLED,
        /** It is not. */
        NOT_SAMPLED,
        /** Nothing is said of it, or nothing that could be read. */
        NONE
    }
}
