package io.headgate.rpc.bridge;

import io.headgate.http.RefusedException;
import io.headgate.rpc.Content;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How elements stand in a body of HTTP. */
enum Format {
    /** There are none. */
    NONE(Content.NONE, ""),
    /** One document. */
    JSON(Content.JSON, "application/json"),
    /** One document a line (https://github.com/ndjson/ndjson-spec). */
    NDJSON(Content.JSON, "application/x-ndjson"),
    /** One document an event (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
    EVENTS(Content.JSON, "text/event-stream"),
    /** One message. */
    PROTOBUF(Content.PROTOBUF, "application/x-protobuf"),
    /** Each message behind its length, as {@code writeDelimitedTo} of protobuf has it. */
    DELIMITED(Content.PROTOBUF, "application/x-protobuf;delimited=true"),
    /** Bytes. */
    OCTETS(Content.OCTETS, "application/octet-stream");

    /** What replies can be asked for. */
    static final String ALL =
            "application/json, application/x-ndjson, text/event-stream, application/x-protobuf, application/x-protobuf;delimited=true"
                    + ", application/octet-stream";

    private final Content content;
    private final String mediaType;

    Format(Content content, String mediaType) {
        this.content = content;
        this.mediaType = mediaType;
    }

    Content content() {
        return content;
    }

    String mediaType() {
        return mediaType;
    }

    /** Whether a body without bytes says something: an empty file, a stream of nothing, a message of defaults. */
    boolean canBeEmpty() {
        return this != NONE && this != JSON;
    }

    /** Whether a body has any number of elements. */
    boolean isStream() {
        return this == NDJSON || this == EVENTS || this == DELIMITED;
    }

    /** The format of a media type, or null when it is none of ours. */
    static @Nullable Format of(String contentType) {
        int end = contentType.indexOf(';');
        String type = (end < 0 ? contentType : contentType.substring(0, end)).strip();
        return switch (type.toLowerCase(Locale.ROOT)) {
            case "application/json" -> JSON;
            case "application/x-ndjson", "application/ndjson", "application/jsonl" -> NDJSON;
            case "text/event-stream" -> EVENTS;
            case "application/x-protobuf", "application/protobuf", "application/vnd.google.protobuf" ->
                isDelimited(contentType) ? DELIMITED : PROTOBUF;
            case "application/octet-stream" -> OCTETS;
            default -> null;
        };
    }

    /** The format of a body of such a type, or null when a body cannot be of it. */
    static @Nullable Format ofBody(@Nullable String contentType) {
        Format format = contentType == null ? null : of(contentType);
        return format == EVENTS ? null : format;
    }

    /** {@code delimited=true}, or {@code encoding=delimited} as Prometheus says it. */
    private static boolean isDelimited(String contentType) {
        String[] parts = contentType.split(";");
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip().replace("\"", "");
            if (parameter.equalsIgnoreCase("delimited=true") || parameter.equalsIgnoreCase("encoding=delimited")) {
                return true;
            }
        }
        return false;
    }

    /** What a request takes in reply (RFC 9110 section 12.5.1); refused when it is none of ours. */
    static Format accepted(List<String> accept, Format sent) {
        Format best = null;
        float most = 0;
        for (String value : accept) {
            for (String range : value.split(",")) {
                Format format = ofRange(range, sent);
                float weight = weight(range);
                if (format != null && weight > most) {
                    best = format;
                    most = weight;
                }
            }
        }
        if (best == null && !accept.isEmpty()) {
            throw new RefusedException(406, "accept: " + String.join(", ", accept) + " (expected: one of " + ALL + ")");
        }
        return best == null ? likewise(sent) : best;
    }

    private static @Nullable Format ofRange(String range, Format sent) {
        int end = range.indexOf(';');
        String type = (end < 0 ? range : range.substring(0, end)).strip();
        return type.equals("*/*") || type.equalsIgnoreCase("application/*") ? likewise(sent) : of(range);
    }

    /** What who does not care gets. */
    private static Format likewise(Format sent) {
        return switch (sent) {
            case NONE, OCTETS, EVENTS -> JSON;
            default -> sent;
        };
    }

    private static float weight(String range) {
        int at = range.toLowerCase(Locale.ROOT).replace(" ", "").indexOf(";q=");
        if (at < 0) {
            return 1;
        }
        String text = range.replace(" ", "").substring(at + 3);
        int end = text.indexOf(';');
        try {
            return Float.parseFloat(end < 0 ? text : text.substring(0, end));
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
