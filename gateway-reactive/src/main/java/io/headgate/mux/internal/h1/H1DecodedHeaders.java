package io.headgate.mux.internal.h1;

import io.headgate.http.Fields;
import io.headgate.mux.internal.FieldIntake;
import io.headgate.mux.internal.FieldNames;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaderValidationUtil;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpHeadersFactory;
import io.netty.util.AsciiString;
import java.util.AbstractMap.SimpleImmutableEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What Netty's decoder fills: a flat list of names and values that becomes neutral fields without being copied. It checks
 * the syntax of each as it comes (RFC 9110 section 5). It is an {@link HttpHeaders} for the decoder, which asks for few
 * things; the rest is complete but plain.
 */
public final class H1DecodedHeaders extends HttpHeaders {

    private static final int USUAL_FIELDS = 12;
    private static final CharSequence[] NOTHING = new CharSequence[0];

    private static final AsciiString OLD_WEBSOCKET = AsciiString.cached("sec-websocket-key1");

    /** Makes lists for heads and trailers. */
    record Factory(boolean dropUnderscores, boolean isForTrailers) implements HttpHeadersFactory {

        Factory(boolean dropUnderscores) {
            this(dropUnderscores, false);
        }

        @Override
        public HttpHeaders newHeaders() {
            return isForTrailers
                    ? newEmptyHeaders() // they hardly ever come, but each body with a length gets room for them
                    : new H1DecodedHeaders(new CharSequence[USUAL_FIELDS * 2], dropUnderscores);
        }

        @Override
        public HttpHeaders newEmptyHeaders() {
            return new H1DecodedHeaders(NOTHING, dropUnderscores);
        }
    }

    /** Sets a decoder up to fill these, in heads and trailers. */
    public static HttpDecoderConfig in(HttpDecoderConfig config, boolean dropUnderscores) {
        return config.setHeadersFactory(new Factory(dropUnderscores))
                .setTrailersFactory(new Factory(dropUnderscores, true));
    }

    private final boolean dropUnderscores;
    private CharSequence[] entries;
    private int size;
    private int dropped;

    private H1DecodedHeaders(CharSequence[] entries, boolean dropUnderscores) {
        this.entries = entries;
        this.dropUnderscores = dropUnderscores;
    }

    /** Gives what was read to an intake that keeps it in the same array; this must not be read any more. */
    FieldIntake intake() {
        FieldIntake intake = FieldIntake.inPlaceOf(entries).dropped(dropped);
        for (int i = 0; i < size; i++) {
            intake.add(entries[i * 2], entries[i * 2 + 1]);
        }
        return intake;
    }

    /** What was read, but for some, as fields that keep the same array; this must not be read any more. */
    public Fields fieldsWithout(Predicate<CharSequence> leftOut) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (!leftOut.test(entries[i * 2])) {
                entries[kept * 2] = entries[i * 2];
                entries[kept * 2 + 1] = entries[i * 2 + 1];
                kept++;
            }
        }
        return Fields.ofValidated(entries, kept);
    }

    // ---- what the decoder asks for

    @Override
    public HttpHeaders add(CharSequence name, Object value) {
        CharSequence text = value instanceof CharSequence given ? given : value.toString();
        int found = FieldNames.scan(name);
        if ((found & FieldNames.INVALID) != 0) {
            throw new IllegalArgumentException("field name: malformed (expected: a token)");
        }
        if (HttpHeaderValidationUtil.validateValidHeaderValue(text) != -1 || endsInSpace(text)) {
            throw new IllegalArgumentException(
                    "value of field " + name + ": malformed (expected: no control characters)");
        }
        if (isLeftOut(name, found)) {
            dropped++;
            return this;
        }
        if (size * 2 == entries.length) {
            entries = Arrays.copyOf(entries, Math.max(entries.length * 2, USUAL_FIELDS * 2));
        }
        entries[size * 2] = name;
        entries[size * 2 + 1] = text;
        size++;
        return this;
    }

    /** The decoder has trimmed the value: only an empty folded line (RFC 9112 section 5.2) leaves a space at its end. */
    private static boolean endsInSpace(CharSequence text) {
        int length = text.length();
        return length > 0 && text.charAt(length - 1) == ' ';
    }

    private boolean isLeftOut(CharSequence name, int found) {
        if ((found & FieldNames.UNDERSCORE) != 0) {
            return dropUnderscores || FieldNames.isRisky(name);
        }
        // of a WebSocket draft: the decoder would take the eight bytes that follow the head for a body
        return name.length() == OLD_WEBSOCKET.length() && AsciiString.contentEqualsIgnoreCase(name, OLD_WEBSOCKET);
    }

    private int indexOf(CharSequence name, int from) {
        for (int i = from; i < size; i++) {
            if (AsciiString.contentEqualsIgnoreCase(entries[i * 2], name)) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public @Nullable String get(CharSequence name) {
        int at = indexOf(name, 0);
        return at < 0 ? null : entries[at * 2 + 1].toString();
    }

    @Override
    public List<String> getAll(CharSequence name) {
        int at = indexOf(name, 0);
        if (at < 0) {
            return List.of();
        }
        if (indexOf(name, at + 1) < 0) {
            return List.of(entries[at * 2 + 1].toString());
        }
        List<String> values = new ArrayList<>();
        for (; at >= 0; at = indexOf(name, at + 1)) {
            values.add(entries[at * 2 + 1].toString());
        }
        return values;
    }

    @Override
    public boolean contains(CharSequence name) {
        return indexOf(name, 0) >= 0;
    }

    @Override
    public HttpHeaders set(CharSequence name, Object value) {
        return remove(name).add(name, value);
    }

    @Override
    public HttpHeaders remove(CharSequence name) {
        int kept = 0;
        for (int i = 0; i < size; i++) {
            if (!AsciiString.contentEqualsIgnoreCase(entries[i * 2], name)) {
                entries[kept * 2] = entries[i * 2];
                entries[kept * 2 + 1] = entries[i * 2 + 1];
                kept++;
            }
        }
        size = kept;
        return this;
    }

    @Override
    public boolean isEmpty() {
        return size == 0;
    }

    @Override
    public int size() {
        return size;
    }

    // ---- the same by other types

    @Override
    public @Nullable String get(String name) {
        return get((CharSequence) name);
    }

    @Override
    public List<String> getAll(String name) {
        return getAll((CharSequence) name);
    }

    @Override
    public boolean contains(String name) {
        return contains((CharSequence) name);
    }

    @Override
    public HttpHeaders add(String name, Object value) {
        return add((CharSequence) name, value);
    }

    @Override
    public HttpHeaders add(String name, Iterable<?> values) {
        values.forEach(value -> add((CharSequence) name, value));
        return this;
    }

    @Override
    public HttpHeaders addInt(CharSequence name, int value) {
        return add(name, Integer.toString(value));
    }

    @Override
    public HttpHeaders addShort(CharSequence name, short value) {
        return add(name, Short.toString(value));
    }

    @Override
    public HttpHeaders set(String name, Object value) {
        return set((CharSequence) name, value);
    }

    @Override
    public HttpHeaders set(String name, Iterable<?> values) {
        return remove((CharSequence) name).add(name, values);
    }

    @Override
    public HttpHeaders setInt(CharSequence name, int value) {
        return set(name, Integer.toString(value));
    }

    @Override
    public HttpHeaders setShort(CharSequence name, short value) {
        return set(name, Short.toString(value));
    }

    @Override
    public HttpHeaders remove(String name) {
        return remove((CharSequence) name);
    }

    @Override
    public HttpHeaders clear() {
        size = 0;
        return this;
    }

    @Override
    public @Nullable Integer getInt(CharSequence name) {
        String value = get(name);
        return value == null ? null : Integer.valueOf(value);
    }

    @Override
    public int getInt(CharSequence name, int defaultValue) {
        Integer value = getInt(name);
        return value == null ? defaultValue : value;
    }

    @Override
    public @Nullable Short getShort(CharSequence name) {
        String value = get(name);
        return value == null ? null : Short.valueOf(value);
    }

    @Override
    public short getShort(CharSequence name, short defaultValue) {
        Short value = getShort(name);
        return value == null ? defaultValue : value;
    }

    @Override
    public @Nullable Long getTimeMillis(CharSequence name) {
        throw new UnsupportedOperationException("dates are not parsed here");
    }

    @Override
    public long getTimeMillis(CharSequence name, long defaultValue) {
        throw new UnsupportedOperationException("dates are not parsed here");
    }

    @Override
    public List<Map.Entry<String, String>> entries() {
        List<Map.Entry<String, String>> all = new ArrayList<>(size);
        iterator().forEachRemaining(all::add);
        return all;
    }

    @Override
    public Set<String> names() {
        Set<String> names = new LinkedHashSet<>();
        iterator().forEachRemaining(entry -> names.add(entry.getKey()));
        return names;
    }

    @Override
    public Iterator<Map.Entry<String, String>> iterator() {
        Iterator<Map.Entry<CharSequence, CharSequence>> all = iteratorCharSequence();
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return all.hasNext();
            }

            @Override
            public Map.Entry<String, String> next() {
                Map.Entry<CharSequence, CharSequence> entry = all.next();
                return new SimpleImmutableEntry<>(
                        entry.getKey().toString(), entry.getValue().toString());
            }
        };
    }

    @Override
    public Iterator<Map.Entry<CharSequence, CharSequence>> iteratorCharSequence() {
        List<Map.Entry<CharSequence, CharSequence>> all = new ArrayList<>(size);
        for (int i = 0; i < size; i++) {
            all.add(new SimpleImmutableEntry<>(entries[i * 2], entries[i * 2 + 1]));
        }
        return all.iterator();
    }
}
