package io.headgate.sync.internal.gob;

import io.headgate.sync.internal.gob.SyncWireException.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The types that a sender has defined in one stream. */
final class GobTypes {

    private static final int FIRST_ID = 64;

    private static final int ARRAY = 0;
    private static final int SLICE = 1;
    private static final int STRUCT = 2;
    private static final int MAP = 3;
    private static final int LAST_EXTERNAL = 6;

    private final Map<Integer, GobType> types = new HashMap<>();
    private final GobLimits limits;

    GobTypes(GobLimits limits) {
        this.limits = limits;
    }

    GobType require(int id) {
        GobType type = find(id);
        if (type == null) {
            throw new SyncWireException(
                    Reason.UNDEFINED_TYPE, "type id: " + id + " (expected: one that was defined before)");
        }
        return type;
    }

    private @Nullable GobType find(int id) {
        return id < FIRST_ID ? GobType.Basic.of(id) : types.get(id);
    }

    /**
     * Reads the definition of a type.
     *
     * @param id as it stood before the definition, made positive
     * @param known whether the definition is one that has been kept already and comes again because its message is read again
     */
    void define(long id, GobReader in, boolean known) {
        if (id < FIRST_ID || id > Integer.MAX_VALUE) {
            throw new SyncWireException(
                    Reason.BAD_TYPE_ID, "id of a defined type: " + id + " (expected: at least " + FIRST_ID + ")");
        }
        if (!known && types.containsKey((int) id)) {
            throw new SyncWireException(
                    Reason.DUPLICATE_TYPE, "id of a defined type: " + id + " (expected: one that is new)");
        }
        if (!known && types.size() >= limits.maxTypes()) {
            throw new SyncWireException(
                    Reason.TOO_MANY_TYPES,
                    "types: " + (types.size() + 1) + " (expected: at most " + limits.maxTypes() + ")");
        }
        GobType type = wireType(in);
        if (!known) {
            types.put((int) id, type);
        }
    }

    private GobType wireType(GobReader in) {
        long flavour = in.uint() - 1;
        if (flavour < ARRAY || flavour > LAST_EXTERNAL) {
            throw bad("kind of a definition", flavour, "0 to " + LAST_EXTERNAL);
        }
        Definition definition = new Definition(in);
        GobType type = switch ((int) flavour) {
            case ARRAY -> {
                int element = definition.id(1);
                yield new GobType.Array(element, definition.next(2) ? in.sint() : 0);
            }
            case SLICE -> new GobType.Slice(definition.id(1));
            case STRUCT -> new GobType.Struct(definition.name, definition.next(1) ? fields(in) : List.of());
            case MAP -> new GobType.Mapping(definition.id(1), definition.id(2));
            default -> new GobType.External((int) flavour);
        };
        definition.end();
        end(in, "definition");
        return type;
    }

    private List<GobType.Field> fields(GobReader in) {
        int count = in.count(limits.maxTypes());
        List<GobType.Field> fields = new ArrayList<>(Math.min(count, 16));
        for (int i = 0; i < count; i++) {
            String name = "";
            int type = 0;
            long delta = in.uint();
            if (delta == 1) {
                name = in.name(limits.maxName());
                delta = in.uint();
                if (delta == 1) {
                    type = id(in);
                    delta = in.uint();
                }
            } else if (delta == 2) {
                type = id(in);
                delta = in.uint();
            }
            if (delta != 0) {
                throw bad("end of a field in a definition", delta, "0");
            }
            fields.add(new GobType.Field(name, type));
        }
        return fields;
    }

    private static int id(GobReader in) {
        long id = in.sint();
        if (id < 1 || id > Integer.MAX_VALUE) {
            throw bad("type id in a definition", id, "1 to " + Integer.MAX_VALUE);
        }
        return (int) id;
    }

    private static void end(GobReader in, String what) {
        long delta = in.uint();
        if (delta != 0) {
            throw bad("end of a " + what, delta, "0");
        }
    }

    private static SyncWireException bad(String what, long found, String expected) {
        return new SyncWireException(Reason.BAD_DEFINITION, what + ": " + found + " (expected: " + expected + ")");
    }

    /** Fields of a definition behind the common part, which is its first. */
    private final class Definition {

        private final GobReader in;
        private final String name;
        private int field;
        private long delta;

        Definition(GobReader in) {
            this.in = in;
            long first = in.uint();
            if (first != 1) {
                throw bad("first field of a definition", first - 1, "0");
            }
            long part = in.uint();
            if (part == 1) {
                name = in.name(limits.maxName());
                part = in.uint();
            } else {
                name = "";
                part = part == 0 ? 0 : part - 1;
            }
            if (part == 1) {
                in.sint(); // the id again, which stood before the definition
                part = in.uint();
            }
            if (part != 0) {
                throw bad("end of the common part of a definition", part, "0");
            }
            delta = in.uint();
        }

        /** Whether this field comes next; its value must be read then. */
        boolean next(int wanted) {
            if (delta != 0 && field + delta == wanted) {
                field = wanted;
                delta = -1;
                return true;
            }
            return false;
        }

        int id(int wanted) {
            if (!next(wanted)) {
                throw bad("next field of a definition", field + delta, Integer.toString(wanted));
            }
            int id = GobTypes.id(in);
            delta = in.uint();
            return id;
        }

        void end() {
            if (delta < 0) {
                delta = in.uint();
            }
            if (delta != 0) {
                throw bad("next field of a definition", field + delta, "none");
            }
        }
    }
}
