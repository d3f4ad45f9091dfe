package io.headgate.sync.internal.gob;

import io.headgate.sync.internal.gob.GobShape.Kind;
import io.headgate.sync.internal.gob.SyncWireException.Reason;
import org.jspecify.annotations.Nullable;

/**
 * How a struct of the sender is read into a shape of ours. Made once for each type, at its first value; after that no name is
 * looked at again.
 */
public final class GobPlan {

    private static final int SKIPPED = -1;

    private final GobShape shape;
    private final int[] slots;
    private final int[] types;
    private final @Nullable GobPlan[] elements;

    private GobPlan(GobShape shape, int fields) {
        this.shape = shape;
        slots = new int[fields];
        types = new int[fields];
        elements = new GobPlan[fields];
    }

    static GobPlan bind(GobShape shape, GobType.Struct struct, GobTypes types) {
        GobPlan plan = new GobPlan(shape, struct.fields.size());
        boolean shared = false;
        for (int i = 0; i < plan.slots.length; i++) {
            GobType.Field field = struct.fields.get(i);
            int slot = shape.indexOf(field.name());
            plan.slots[i] = slot < 0 ? SKIPPED : slot;
            plan.types[i] = field.type();
            if (slot >= 0) {
                shared = true;
                plan.elements[i] = check(shape, shape.fields().get(slot), field, types);
            }
        }
        if (!shared && plan.slots.length > 0 && !shape.fields().isEmpty()) {
            throw new SyncWireException(
                    Reason.WRONG_KIND,
                    "struct: " + struct.name + " (expected: one that has a field of " + shape.name() + ")");
        }
        return plan;
    }

    private static @Nullable GobPlan check(GobShape shape, GobShape.Field wanted, GobType.Field field, GobTypes types) {
        GobType type = types.require(field.type());
        switch (wanted.kind()) {
            case BOOL -> expect(type == GobType.Basic.BOOL, shape, wanted, type);
            case INT -> expect(type == GobType.Basic.INT, shape, wanted, type);
            case UINT -> expect(type == GobType.Basic.UINT, shape, wanted, type);
            case STRING -> expect(type == GobType.Basic.STRING, shape, wanted, type);
            case BYTES -> expect(type == GobType.Basic.BYTES, shape, wanted, type);
            case INTERFACE -> expect(type == GobType.Basic.INTERFACE, shape, wanted, type);
            case EXTERNAL ->
                expect(
                        type instanceof GobType.External external && external.flavour() == GobType.External.GOB,
                        shape,
                        wanted,
                        type);
            case STRINGS ->
                expect(
                        type instanceof GobType.Slice slice && slice.element() == GobType.Basic.STRING.id,
                        shape,
                        wanted,
                        type);
            case STRUCTS -> {
                GobType element = type instanceof GobType.Slice slice ? types.require(slice.element()) : type;
                GobShape nested = wanted.element();
                if (type instanceof GobType.Slice && element instanceof GobType.Struct struct && nested != null) {
                    return struct.plan(nested, types);
                }
                expect(false, shape, wanted, type);
            }
        }
        return null;
    }

    private static void expect(boolean met, GobShape shape, GobShape.Field wanted, GobType type) {
        if (!met) {
            throw new SyncWireException(
                    Reason.WRONG_KIND,
                    shape.name() + "." + wanted.name() + ": " + type.kind() + " (expected: " + kind(wanted.kind())
                            + ")");
        }
    }

    private static String kind(Kind kind) {
        return kind.name().toLowerCase(java.util.Locale.ROOT);
    }

    GobShape shape() {
        return shape;
    }

    int fields() {
        return slots.length;
    }

    /** Negative when it is nobody's. */
    int slot(int field) {
        return slots[field];
    }

    int type(int field) {
        return types[field];
    }

    @Nullable GobPlan element(int field) {
        return elements[field];
    }
}
