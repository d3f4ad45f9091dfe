package io.headgate.sync.internal.gob;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A type as the sender has defined it. Other types are meant by their ids, since they may be defined later. */
sealed interface GobType {

    /** The types that need no definition. */
    enum Basic implements GobType {
        BOOL(1),
        INT(2),
        UINT(3),
        FLOAT(4),
        BYTES(5),
        STRING(6),
        COMPLEX(7),
        INTERFACE(8);

        private static final Basic[] ALL = values();

        final int id;

        Basic(int id) {
            this.id = id;
        }

        static @Nullable Basic of(int id) {
            return id >= 1 && id <= ALL.length ? ALL[id - 1] : null;
        }
    }

    /** Fields in the order of their numbers, and what was found out about them when the first value came. */
    final class Struct implements GobType {

        final String name;
        final List<Field> fields;
        private @Nullable GobPlan plan;

        Struct(String name, List<Field> fields) {
            this.name = name;
            this.fields = fields;
        }

        GobPlan plan(GobShape shape, GobTypes types) {
            GobPlan bound = plan;
            if (bound == null || bound.shape() != shape) {
                bound = GobPlan.bind(shape, this, types);
                plan = bound;
            }
            return bound;
        }
    }

    record Field(String name, int type) {}

    record Slice(int element) implements GobType {}

    record Array(int element, long length) implements GobType {}

    record Mapping(int key, int element) implements GobType {}

    /** Bytes that mean something to their type alone; a time is that. */
    record External(int flavour) implements GobType {

        /** What Go calls GobEncoder. */
        static final int GOB = 4;
    }

    /** What the kind is called in messages. */
    default String kind() {
        return this instanceof Basic basic
                ? basic.name().toLowerCase(java.util.Locale.ROOT)
                : getClass().getSimpleName().toLowerCase(java.util.Locale.ROOT);
    }
}
