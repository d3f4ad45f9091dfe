package io.headgate.rpc.bridge;

import io.headgate.http.Fields;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/** Which fields are metadata, and which belong to HTTP itself. */
final class Metadata {

    static final String STATUS = "rpc-status";
    static final String MESSAGE = "rpc-message";
    static final String UNPROCESSED = "rpc-unprocessed";

    /** Of one connection, of the framing of one message, of its representation, and ours. */
    private static final Set<String> OF_HTTP = Set.of(
            "connection",
            "keep-alive",
            "proxy",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "http2-settings",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "host",
            "expect",
            "content-length",
            "content-type",
            "content-encoding",
            "content-range",
            "range",
            "accept",
            "accept-encoding",
            "accept-ranges",
            STATUS,
            MESSAGE,
            UNPROCESSED);

    private Metadata() {}

    /** The fields that pass, with names in lower case; the other way they are the same. */
    static Fields passing(Fields fields, Predicate<String> rule) {
        if (fields.isEmpty()) {
            return fields;
        }
        CharSequence[] kept = new CharSequence[fields.size() * 2];
        int size = 0;
        for (int i = 0; i < fields.size(); i++) {
            String name = fields.name(i).toString().toLowerCase(Locale.ROOT);
            if (!OF_HTTP.contains(name) && rule.test(name)) {
                kept[size * 2] = name;
                kept[size * 2 + 1] = fields.value(i);
                size++;
            }
        }
        return Fields.ofValidated(kept, size);
    }

    /** The fields behind another one. */
    static Fields after(CharSequence name, CharSequence value, Fields fields) {
        int size = fields.size();
        CharSequence[] all = new CharSequence[size * 2 + 2];
        all[0] = name;
        all[1] = value;
        for (int i = 0; i < size; i++) {
            all[i * 2 + 2] = fields.name(i);
            all[i * 2 + 3] = fields.value(i);
        }
        return Fields.ofValidated(all, size + 1);
    }

    /** The fields without the one at a place. */
    static Fields without(int at, Fields fields) {
        int size = fields.size();
        CharSequence[] rest = new CharSequence[size * 2 - 2];
        for (int i = 0, kept = 0; i < size; i++) {
            if (i != at) {
                rest[kept++] = fields.name(i);
                rest[kept++] = fields.value(i);
            }
        }
        return Fields.ofValidated(rest, size - 1);
    }
}
