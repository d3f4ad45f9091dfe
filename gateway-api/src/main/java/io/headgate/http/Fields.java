package io.headgate.http;

import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An immutable list of header or trailer fields, in order and with duplicates (RFC 9110 section 5).
 *
 * <p>Names compare without regard to case and keep the case in which they came; HTTP/2 writes them in lower case. Fields
 * of one connection ({@code connection}, {@code transfer-encoding}, ...) are not part of a neutral message: the mux takes
 * them off what it reads, and makes its own when it writes. {@code content-length} may be there to be read, but what is
 * written follows from {@link Body#length}.
 *
 * <p>Any thread may read an instance. Copies share nothing that can change. For several edits at once use
 * {@link #toBuilder}: each {@code with...} copies the list.
 */
public final class Fields {

    private static final Fields EMPTY = new Fields(new CharSequence[0], 0);

    private final CharSequence[] entries; // name, value, name, value
    private final int size;

    private Fields(CharSequence[] entries, int size) {
        this.entries = entries;
        this.size = size;
    }

    /**
     * No fields.
     *
     * @return always the same instance
     */
    public static Fields empty() {
        return EMPTY;
    }

    /**
     * Fields of given names and values.
     *
     * @param namesAndValues name, value, name, value, ...
     * @return the fields
     * @throws IllegalArgumentException when a name is not a token, a value has a forbidden character, or the count is odd
     */
    public static Fields of(CharSequence... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException(
                    "namesAndValues: " + namesAndValues.length + " strings (expected: pairs of name and value)");
        }
        Builder builder = new Builder(namesAndValues.length / 2);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            builder.add(namesAndValues[i], namesAndValues[i + 1]);
        }
        return builder.build();
    }

    /**
     * For protocol codecs: wraps an array without a copy and without a check.
     *
     * @param entries name, value, name, value, ...; this takes ownership of the array, and the caller vouches that names
     *     are tokens and values are free of control characters
     * @param size how many fields the array holds
     * @return the fields
     */
    public static Fields ofValidated(CharSequence[] entries, int size) {
        return size == 0 ? EMPTY : new Fields(entries, size);
    }

    /**
     * A builder for several fields.
     *
     * @return an empty builder
     */
    public static Builder builder() {
        return new Builder(8);
    }

    /**
     * A builder that starts with these fields.
     *
     * @return the builder
     */
    public Builder toBuilder() {
        Builder builder = new Builder(size + 4);
        System.arraycopy(entries, 0, builder.entries, 0, size * 2);
        builder.size = size;
        return builder;
    }

    /**
     * How many fields there are; duplicates count.
     *
     * @return zero or more
     */
    public int size() {
        return size;
    }

    /**
     * Tells whether there are no fields.
     *
     * @return true when there are none
     */
    public boolean isEmpty() {
        return size == 0;
    }

    /**
     * The name of a field by position.
     *
     * @param index from 0 to {@link #size} - 1
     * @return the name in the case in which it came
     */
    public CharSequence name(int index) {
        return entries[Objects.checkIndex(index, size) * 2];
    }

    /**
     * The value of a field by position.
     *
     * @param index from 0 to {@link #size} - 1
     * @return the value without white space at its ends
     */
    public CharSequence value(int index) {
        return entries[Objects.checkIndex(index, size) * 2 + 1];
    }

    /**
     * The value of the first field of a name.
     *
     * @param name the name, in any case
     * @return the value, or null when there is no such field
     */
    public @Nullable String get(CharSequence name) {
        int at = indexOf(name, 0);
        return at < 0 ? null : entries[at * 2 + 1].toString();
    }

    /**
     * The values of all fields of a name, in order.
     *
     * @param name the name, in any case
     * @return an immutable list, empty when there is no such field
     */
    public List<String> all(CharSequence name) {
        int at = indexOf(name, 0);
        if (at < 0) {
            return List.of();
        }
        List<String> values = new ArrayList<>(2);
        for (; at >= 0; at = indexOf(name, at + 1)) {
            values.add(entries[at * 2 + 1].toString());
        }
        return List.copyOf(values);
    }

    /**
     * Tells whether there is a field of a name.
     *
     * @param name the name, in any case
     * @return true when there is one
     */
    public boolean contains(CharSequence name) {
        return indexOf(name, 0) >= 0;
    }

    /**
     * Finds a field.
     *
     * @param name the name, in any case
     * @param from the position to start at
     * @return the position of the next field of that name, or -1
     */
    public int indexOf(CharSequence name, int from) {
        for (int i = from; i < size; i++) {
            if (AsciiString.contentEqualsIgnoreCase(entries[i * 2], name)) {
                return i;
            }
        }
        return -1;
    }

    /**
     * A copy in which a name has exactly one value.
     *
     * @param name the name
     * @param value the value; replaces all earlier ones
     * @return the copy
     * @throws IllegalArgumentException when the name is not a token or the value has a forbidden character
     */
    public Fields with(CharSequence name, CharSequence value) {
        return toBuilder().set(name, value).build();
    }

    /**
     * A copy without the fields of a name.
     *
     * @param name the name, in any case
     * @return the copy, or this when there is no such field
     */
    public Fields without(CharSequence name) {
        return contains(name) ? toBuilder().remove(name).build() : this;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        if (!(other instanceof Fields that) || size != that.size) {
            return false;
        }
        for (int i = 0; i < size * 2; i += 2) {
            if (!AsciiString.contentEqualsIgnoreCase(entries[i], that.entries[i])
                    || !AsciiString.contentEquals(entries[i + 1], that.entries[i + 1])) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        int hash = size;
        for (int i = 0; i < size * 2; i++) {
            hash = 31 * hash + AsciiString.hashCode(entries[i]);
        }
        return hash;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < size; i++) {
            text.append(i == 0 ? "" : "\n").append(name(i)).append(": ").append(value(i));
        }
        return text.toString();
    }

    /** Collects fields; not for use by several threads at once. */
    public static final class Builder {

        private CharSequence[] entries;
        private int size;

        private Builder(int expected) {
            entries = new CharSequence[Math.max(expected, 1) * 2];
        }

        /**
         * Adds a field at the end.
         *
         * @param name the name
         * @param value the value; white space at its ends is taken off
         * @return this
         * @throws IllegalArgumentException when the name is not a token or the value has a forbidden character
         */
        public Builder add(CharSequence name, CharSequence value) {
            FieldSyntax.checkName(name);
            return append(name, FieldSyntax.checkValue(name, value));
        }

        private Builder append(CharSequence name, CharSequence value) {
            if (size * 2 == entries.length) {
                entries = Arrays.copyOf(entries, entries.length * 2);
            }
            entries[size * 2] = immutable(name);
            entries[size * 2 + 1] = immutable(value);
            size++;
            return this;
        }

        /** What was found valid must not change afterwards. */
        private static CharSequence immutable(CharSequence text) {
            return text instanceof AsciiString ? text : text.toString();
        }

        /**
         * Removes the fields of a name, then adds one.
         *
         * @param name the name
         * @param value the value
         * @return this
         * @throws IllegalArgumentException when the name is not a token or the value has a forbidden character
         */
        public Builder set(CharSequence name, CharSequence value) {
            FieldSyntax.checkName(name);
            CharSequence trimmed = FieldSyntax.checkValue(name, value); // throws before the old value is gone
            return remove(name).append(name, trimmed);
        }

        /**
         * Removes the fields of a name.
         *
         * @param name the name, in any case
         * @return this
         */
        public Builder remove(CharSequence name) {
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

        /**
         * The fields collected so far; the builder can go on.
         *
         * @return an immutable copy
         */
        public Fields build() {
            return ofValidated(Arrays.copyOf(entries, size * 2), size);
        }
    }
}
