package io.headgate.tracing;

import io.headgate.classify.Classification;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.micrometer.common.KeyValue;
import io.micrometer.common.KeyValues;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Collects what a span says; what is not known is left out. */
final class KeyList {

    /** Longer values, which only a client could have made, are cut. */
    private static final int LONGEST = 512;

    private final List<KeyValue> entries = new ArrayList<>(12);

    KeyList add(String key, @Nullable CharSequence value) {
        if (value != null) {
            String text = value.toString();
            entries.add(KeyValue.of(key, text.length() <= LONGEST ? text : text.substring(0, LONGEST)));
        }
        return this;
    }

    KeyList method(RequestHead head) {
        return add(Keys.METHOD, Methods.known(head.method()));
    }

    /** The method as it was, where it is not one of the known ones. */
    KeyList originalMethod(RequestHead head) {
        return Methods.isKnown(head.method()) ? this : add(Keys.METHOD_ORIGINAL, head.method());
    }

    KeyList reply(@Nullable ReplyHead head) {
        return head == null ? this : add(Keys.STATUS, Integer.toString(head.status()));
    }

    KeyList outcome(@Nullable Outcome outcome) {
        return outcome == null ? this : add(Keys.OUTCOME, outcome.name().toLowerCase(Locale.ROOT));
    }

    KeyList grpc(RequestHead head, @Nullable Classification verdict) {
        if (head.isGrpc()) {
            add(Keys.RPC_SYSTEM, "grpc");
            add(Keys.RPC_STATUS, verdict == null ? null : GrpcStatus.name(verdict));
        }
        return this;
    }

    /** Host and port of an authority, the port of the scheme when it has none. */
    KeyList server(RequestHead head) {
        String authority = head.authority();
        int colon = authority.lastIndexOf(':');
        boolean hasPort = colon > authority.lastIndexOf(']') && colon < authority.length() - 1;
        String host = colon > authority.lastIndexOf(']') ? authority.substring(0, colon) : authority;
        if (host.isEmpty()) {
            return this;
        }
        String usual = head.scheme().equals("https") ? "443" : "80";
        return add(Keys.SERVER_ADDRESS, host).add(Keys.SERVER_PORT, hasPort ? authority.substring(colon + 1) : usual);
    }

    KeyValues build() {
        return KeyValues.of(entries);
    }
}
