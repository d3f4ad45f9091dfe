package io.headgate.sync.internal.gob;

import io.headgate.sync.internal.gob.SyncWireException.Reason;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads one gob stream: frames, definitions and values. Pushed with what is read from a connection, needs no channel and keeps
 * no bytes. Used by one thread at a time; not to be used again after it has thrown.
 *
 * <p>Go ends a frame in the middle of a value wherever it defines a type that it meets inside an interface. When the frame that
 * goes on is not there yet the whole message is read again later, at most once for each frame that has come.
 */
public final class GobDecoder {

    private static final byte[] STRING_FOLLOWS = {6, 's', 't', 'r', 'i', 'n', 'g', 2 * 6};

    private static final Map<String, GobType.Basic> BASIC_NAMES = Map.ofEntries(
            Map.entry("bool", GobType.Basic.BOOL),
            Map.entry("int", GobType.Basic.INT),
            Map.entry("int8", GobType.Basic.INT),
            Map.entry("int16", GobType.Basic.INT),
            Map.entry("int32", GobType.Basic.INT),
            Map.entry("int64", GobType.Basic.INT),
            Map.entry("uint", GobType.Basic.UINT),
            Map.entry("uint8", GobType.Basic.UINT),
            Map.entry("uint16", GobType.Basic.UINT),
            Map.entry("uint32", GobType.Basic.UINT),
            Map.entry("uint64", GobType.Basic.UINT),
            Map.entry("uintptr", GobType.Basic.UINT),
            Map.entry("float32", GobType.Basic.FLOAT),
            Map.entry("float64", GobType.Basic.FLOAT),
            Map.entry("[]uint8", GobType.Basic.BYTES),
            Map.entry("string", GobType.Basic.STRING));

    private final GobLimits limits;
    private final GobTypes types;
    private final GobReader reader = new GobReader();

    // the frames of the message under way
    private @Nullable ByteBuf source;
    private @Nullable ByteBuf copy;
    private int start;
    private int next;
    private int needed;

    // definitions inside the message under way: how many so far, and how many of them were kept at an earlier attempt
    private int inline;
    private int kept;

    /**
     * A new stream, which knows no types yet.
     *
     * @param limits on what the peer may make it hold
     */
    public GobDecoder(GobLimits limits) {
        this.limits = limits;
        types = new GobTypes(limits);
    }

    /**
     * Reads up to the end of the next value of the stream, if it is there.
     *
     * @param in borrowed; its reader index moves behind the definitions and the value that were read, whole frames
     * @param shape which the value must have
     * @param target gets the fields; may get some of them in vain before this returns false
     * @return false when more bytes are needed
     * @throws SyncWireException when the bytes are not what they may be
     */
    public boolean decode(ByteBuf in, GobShape shape, GobTarget target) {
        source = in;
        try {
            while (true) {
                start = in.readerIndex();
                next = start;
                inline = 0;
                if (in.writerIndex() - start < needed || !openFrame(in)) {
                    return false;
                }
                long id = reader.sint();
                if (id < 0) {
                    types.define(-id, reader, false);
                } else {
                    struct(plan(id, shape), target);
                }
                if (reader.remaining() > 0) {
                    throw new SyncWireException(
                            Reason.TRAILING_BYTES,
                            "bytes behind a " + (id < 0 ? "definition" : "value") + ": " + reader.remaining()
                                    + " (expected: the end of the frame)");
                }
                in.readerIndex(next);
                needed = 0;
                kept = 0;
                if (id >= 0) {
                    return true;
                }
            }
        } catch (FrameMissing retry) {
            kept = inline;
            return false;
        } finally {
            source = null;
            drop();
        }
    }

    /** False when the frame is not whole; {@link #needed} says how much of the message must be there then. */
    private boolean openFrame(ByteBuf in) {
        int there = in.writerIndex() - next;
        int prefix = there == 0 ? 1 : prefix(in.getByte(next));
        if (there < prefix) {
            needed = next - start + prefix;
            return false;
        }
        long length = prefix == 1 ? in.getByte(next) : unsigned(in, next + 1, prefix - 1);
        long message = next - start + prefix + length;
        if (length < 0 || message < 0 || message > limits.maxMessage()) {
            throw new SyncWireException(
                    Reason.FRAME_TOO_LONG,
                    "bytes of a message: " + Long.toUnsignedString(length < 0 ? length : message)
                            + " (expected: at most " + limits.maxMessage() + ")");
        }
        if (there - prefix < length) {
            needed = (int) message;
            return false;
        }
        open(in, next + prefix, (int) length);
        next += prefix + (int) length;
        return true;
    }

    private static int prefix(byte first) {
        if (first < -Long.BYTES) {
            throw new SyncWireException(
                    Reason.BAD_NUMBER,
                    "bytes of a frame's length: " + -first + " (expected: at most " + Long.BYTES + ")");
        }
        return first >= 0 ? 1 : 1 - first;
    }

    private static long unsigned(ByteBuf in, int from, int bytes) {
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value = value << 8 | in.getUnsignedByte(from + i);
        }
        return value;
    }

    private void open(ByteBuf in, int from, int length) {
        drop();
        if (in.hasArray()) {
            reader.open(in.array(), in.arrayOffset() + from, length);
            return;
        }
        ByteBuf heap = in.alloc().heapBuffer(length, length);
        copy = heap;
        in.getBytes(from, heap.array(), heap.arrayOffset(), length);
        reader.open(heap.array(), heap.arrayOffset(), length);
    }

    private void drop() {
        reader.close();
        ByteBuf used = copy;
        copy = null;
        if (used != null) {
            used.release();
        }
    }

    /**
     * The primitive values.
     *
     * @return where the value of a field begins, inside a {@link GobTarget}
     */
    public GobReader reader() {
        return reader;
    }

    /**
     * How to read a struct of the sender.
     *
     * @param id of its type
     * @param shape of ours
     * @return the plan
     */
    public GobPlan plan(long id, GobShape shape) {
        GobType type = types.require(typeId(id));
        if (type instanceof GobType.Struct struct) {
            return struct.plan(shape, types);
        }
        throw new SyncWireException(
                Reason.WRONG_KIND, "type " + id + ": " + type.kind() + " (expected: the struct " + shape.name() + ")");
    }

    private static int typeId(long id) {
        if (id < 1 || id > Integer.MAX_VALUE) {
            throw new SyncWireException(
                    Reason.UNDEFINED_TYPE, "type id: " + id + " (expected: one that was defined before)");
        }
        return (int) id;
    }

    /**
     * Reads a struct to its end.
     *
     * @param plan how
     * @param target gets its fields
     */
    public void struct(GobPlan plan, GobTarget target) {
        int fields = plan.fields();
        for (int field = -1; ; ) {
            long delta = reader.uint();
            if (delta == 0) {
                return;
            }
            field = advance(field, delta, fields);
            int slot = plan.slot(field);
            if (slot >= 0) {
                target.field(slot, plan.element(field), this);
            } else {
                skip(plan.type(field), limits.maxDepth());
            }
        }
    }

    private static int advance(int field, long delta, int fields) {
        if (delta < 0 || delta >= fields - field) {
            throw new SyncWireException(
                    Reason.BAD_NUMBER,
                    "field: " + Long.toUnsignedString(field + delta) + " (expected: less than " + fields + ")");
        }
        return field + (int) delta;
    }

    /**
     * The number of elements of a list, each of which takes a byte at least.
     *
     * @return at most as many as bytes are left and the limits allow
     */
    public int count() {
        return reader.count(limits.maxElements());
    }

    /**
     * A list of strings.
     *
     * @return the strings
     */
    public String[] strings() {
        String[] strings = new String[count()];
        for (int i = 0; i < strings.length; i++) {
            strings[i] = reader.string();
        }
        return strings;
    }

    /**
     * The name of the type of what an interface holds.
     *
     * @return empty when it holds nothing; else {@link #concrete} is next
     */
    public String name() {
        return reader.name(limits.maxName());
    }

    /**
     * The type of what an interface holds, behind its name, and definitions that stand there.
     *
     * @return its id; the value itself is next
     */
    public long concrete() {
        long id = typeSequence();
        reader.length("value of an interface");
        return id;
    }

    private long typeSequence() {
        while (true) {
            if (reader.remaining() == 0) {
                ByteBuf in = source;
                if (in == null || !openFrame(in)) {
                    throw FrameMissing.INSTANCE;
                }
            }
            long id = reader.sint();
            if (id >= 0) {
                return id;
            }
            types.define(-id, reader, inline < kept);
            inline++;
            if (reader.remaining() > 0) {
                reader.uint(); // the length of what follows, which the frame says otherwise
            }
        }
    }

    /**
     * What an interface holds, a basic value of whatever type, as text.
     *
     * @return empty when it holds nothing
     */
    public String text() {
        if (reader.passes(STRING_FOLLOWS)) {
            reader.length("value of an interface");
            lone();
            return reader.string();
        }
        String name = name();
        if (name.isEmpty()) {
            return "";
        }
        GobType.Basic type = BASIC_NAMES.get(name);
        if (type == null) {
            throw new SyncWireException(
                    Reason.UNKNOWN_NAME, "name of a basic value: " + name + " (expected: the name of a basic type)");
        }
        long id = concrete();
        if (id != type.id) {
            throw new SyncWireException(
                    Reason.WRONG_KIND, "type id of " + name + ": " + id + " (expected: " + type.id + ")");
        }
        lone();
        return basicText(type);
    }

    private String basicText(GobType.Basic type) {
        return switch (type) {
            case BOOL -> Boolean.toString(reader.bool());
            case INT -> Long.toString(reader.sint());
            case UINT -> Long.toUnsignedString(reader.uint());
            case FLOAT -> Double.toString(reader.real());
            case BYTES -> new String(reader.bytes(), StandardCharsets.UTF_8);
            default -> reader.string();
        };
    }

    /** The zero before a value that is no struct. */
    private void lone() {
        long delta = reader.uint();
        if (delta != 0) {
            throw new SyncWireException(
                    Reason.BAD_VALUE, "byte before a basic value: " + Long.toUnsignedString(delta) + " (expected: 0)");
        }
    }

    private void skip(int id, int depth) {
        GobType type = types.require(id);
        if (type instanceof GobType.Basic basic) {
            skipBasic(basic);
            return;
        }
        if (depth == 0) {
            throw new SyncWireException(
                    Reason.TOO_DEEP,
                    "nesting: " + (limits.maxDepth() + 1) + " (expected: at most " + limits.maxDepth() + ")");
        }
        if (type instanceof GobType.Struct struct) {
            skipStruct(struct, depth - 1);
        } else if (type instanceof GobType.Slice slice) {
            skipElements(slice.element(), reader.count(Integer.MAX_VALUE), depth - 1);
        } else if (type instanceof GobType.Array array) {
            skipElements(array.element(), reader.count(Integer.MAX_VALUE), depth - 1);
        } else if (type instanceof GobType.Mapping map) {
            for (int left = reader.count(Integer.MAX_VALUE); left > 0; left--) {
                skip(map.key(), depth - 1);
                skip(map.element(), depth - 1);
            }
        } else {
            reader.skipBytes();
        }
    }

    private void skipElements(int type, int count, int depth) {
        for (int left = count; left > 0; left--) {
            skip(type, depth);
        }
    }

    private void skipStruct(GobType.Struct struct, int depth) {
        int fields = struct.fields.size();
        for (int field = -1; ; ) {
            long delta = reader.uint();
            if (delta == 0) {
                return;
            }
            field = advance(field, delta, fields);
            skip(struct.fields.get(field).type(), depth);
        }
    }

    private void skipBasic(GobType.Basic type) {
        switch (type) {
            case BYTES, STRING -> reader.skipBytes();
            case COMPLEX -> {
                reader.uint();
                reader.uint();
            }
            case INTERFACE -> {
                if (!name().isEmpty()) {
                    typeSequence();
                    reader.skipBytes();
                }
            }
            default -> reader.uint();
        }
    }

    /** The message goes on in a frame that is not there yet. */
    private static final class FrameMissing extends RuntimeException {

        private static final long serialVersionUID = 1L;

        static final FrameMissing INSTANCE = new FrameMissing();

        private FrameMissing() {
            super("frame missing", null, false, false);
        }
    }
}
