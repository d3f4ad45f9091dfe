package io.headgate.sync.internal.gob;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A struct as its reader knows it: fields by name and kind, numbered from 0 in the order given. Sender's fields that are not
 * here are skipped, those that the sender has not are not read. Immutable.
 */
public final class GobShape {

    /** What a field may be. */
    public enum Kind {
        /** A truth value. */
        BOOL,
        /** A signed number. */
        INT,
        /** An unsigned number. */
        UINT,
        /** A string. */
        STRING,
        /** Bytes. */
        BYTES,
        /** A value together with the name of its type. */
        INTERFACE,
        /** A time, or anything else that Go writes by a method of its type. */
        EXTERNAL,
        /** A list of strings. */
        STRINGS,
        /** A list of structs. */
        STRUCTS
    }

    /**
     * A field.
     *
     * @param name by which it is found
     * @param kind which it must have
     * @param element the shape of elements, for {@link Kind#STRUCTS} alone
     */
    public record Field(String name, Kind kind, @Nullable GobShape element) {

        /**
         * A field that holds no structs.
         *
         * @param name by which it is found
         * @param kind which it must have
         */
        public Field(String name, Kind kind) {
            this(name, kind, null);
        }
    }

    private final String name;
    private final List<Field> fields;

    private GobShape(String name, List<Field> fields) {
        this.name = name;
        this.fields = fields;
    }

    /**
     * A struct.
     *
     * @param name for messages
     * @param fields the first of them is number 0
     * @return the shape
     */
    public static GobShape of(String name, Field... fields) {
        return new GobShape(name, List.of(fields));
    }

    /**
     * What it is called.
     *
     * @return its name
     */
    public String name() {
        return name;
    }

    List<Field> fields() {
        return fields;
    }

    int indexOf(String field) {
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).name().equals(field)) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public String toString() {
        return name;
    }
}
