package io.headgate.mux.internal.h2;

import io.headgate.mux.internal.FieldIntake;
import io.headgate.mux.internal.FieldNames;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the header decompressor fills: a flat list of names and values that becomes neutral fields without being copied.
 * It checks the syntax of each as it comes (RFC 9113 section 8.2.1). It is a {@link DefaultHttp2Headers} for Netty's decoder,
 * which asks for few things; what it does not ask for is not kept.
 */
final class H2DecodedHeaders extends DefaultHttp2Headers {

    private static final int NO_TABLE = 2;

    private CharSequence[] entries = new CharSequence[24];
    private int size;
    private @Nullable CharSequence status;
    private boolean hasContentLength;

    private final boolean dropUnderscores;
    private int dropped;

    H2DecodedHeaders(boolean dropUnderscores) {
        super(false, false, NO_TABLE);
        this.dropUnderscores = dropUnderscores;
    }

    @Override
    public Http2Headers add(CharSequence name, CharSequence value) {
        int found = checkName(name);
        if (HttpHeaderValidationUtil.validateValidHeaderValue(value) != -1) {
            throw new IllegalArgumentException(
                    "value of field " + name + ": malformed (expected: no control characters)");
        }
        if ((found & FieldNames.UNDERSCORE) != 0 && (dropUnderscores || FieldNames.isRisky(name))) {
            dropped++;
            return this;
        }
        if (size * 2 == entries.length) {
            entries = Arrays.copyOf(entries, entries.length * 2);
        }
        entries[size * 2] = name;
        entries[size * 2 + 1] = value;
        size++;
        if (name.length() == 7 && PseudoHeaderName.STATUS.value().contentEquals(name)) {
            status = value;
        } else if (name.length() == 14 && AsciiString.contentEquals("content-length", name)) {
            hasContentLength = true;
        }
        return this;
    }

    private static int checkName(CharSequence name) {
        if (name.length() > 0 && name.charAt(0) == ':') {
            if (!PseudoHeaderName.isPseudoHeader(name)) {
                throw new IllegalArgumentException("pseudo-header: unknown (expected: one of RFC 9113 section 8.3)");
            }
            return 0;
        }
        int found = FieldNames.scan(name);
        if ((found & (FieldNames.INVALID | FieldNames.CAPITALS)) != 0) {
            throw new IllegalArgumentException("field name: malformed (expected: a token in lower case)");
        }
        return found;
    }

    CharSequence name(int index) {
        return entries[index * 2];
    }

    CharSequence value(int index) {
        return entries[index * 2 + 1];
    }

    /** An intake that keeps what is to be kept in the array of this; it must not be read any more behind the intake. */
    FieldIntake intake() {
        return FieldIntake.inPlaceOf(entries).dropped(dropped);
    }

    // ---- what Netty's decoder asks for

    @Override
    public int size() {
        return size;
    }

    @Override
    public boolean isEmpty() {
        return size == 0;
    }

    @Override
    public @Nullable CharSequence status() {
        return status;
    }

    @Override
    public List<CharSequence> getAll(CharSequence name) {
        if (!hasContentLength && AsciiString.contentEquals("content-length", name)) {
            return List.of();
        }
        List<CharSequence> values = new ArrayList<>(1);
        for (int i = 0; i < size; i++) {
            if (AsciiString.contentEquals(entries[i * 2], name)) {
                values.add(entries[i * 2 + 1]);
            }
        }
        return values;
    }

    /** Only called for a content-length that has been read: keeps the first one, in canonical form. */
    @Override
    public Http2Headers setLong(CharSequence name, long value) {
        int kept = 0;
        boolean found = false;
        for (int i = 0; i < size; i++) {
            boolean same = AsciiString.contentEquals(entries[i * 2], name);
            if (same && found) {
                continue;
            }
            entries[kept * 2] = entries[i * 2];
            entries[kept * 2 + 1] = same ? canonical(entries[i * 2 + 1], value) : entries[i * 2 + 1];
            found |= same;
            kept++;
        }
        size = kept;
        return this;
    }

    private static CharSequence canonical(CharSequence text, long value) {
        String wanted = Long.toString(value);
        return AsciiString.contentEquals(text, wanted) ? text : wanted;
    }

    @Override
    public Iterator<Map.Entry<CharSequence, CharSequence>> iterator() {
        return new Iterator<>() {
            private int next;

            @Override
            public boolean hasNext() {
                return next < size;
            }

            @Override
            public Map.Entry<CharSequence, CharSequence> next() {
                int index = next++;
                return new SimpleImmutableEntry<>(name(index), value(index));
            }
        };
    }
}
