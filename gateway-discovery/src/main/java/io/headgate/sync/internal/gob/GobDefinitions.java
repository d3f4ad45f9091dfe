package io.headgate.sync.internal.gob;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.List;

/**
 * Writes definitions of types with ids of our choice, each in a frame of its own, so that values can follow that mention the
 * ids and depend on nothing else. Ids count up from 64 in the order of definition. Not thread safe.
 */
public final class GobDefinitions {

    /** The id of the first type that is defined. */
    public static final int FIRST_ID = 64;

    private static final int SLICE = 1;
    private static final int STRUCT = 2;
    private static final int GOB_ENCODER = 4;

    private final ByteBuf frames = Unpooled.buffer(512);
    private int id = FIRST_ID;

    /**
     * A field of a struct.
     *
     * @param name by which its reader finds it
     * @param type the id of its type
     */
    public record Field(String name, int type) {}

    /**
     * A struct.
     *
     * @param name readers ignore it
     * @param fields the first of them is number 0
     * @return this
     */
    public GobDefinitions struct(String name, List<Field> fields) {
        ByteBuf body = begin(STRUCT, name);
        if (!fields.isEmpty()) {
            body.writeByte(1);
            Gob.uint(body, fields.size());
            for (Field field : fields) {
                body.writeByte(1);
                Gob.string(body, field.name());
                body.writeByte(1);
                Gob.sint(body, field.type());
                body.writeByte(0);
            }
        }
        return end(body);
    }

    /**
     * A list.
     *
     * @param name readers ignore it
     * @param element the id of the type of its elements
     * @return this
     */
    public GobDefinitions slice(String name, int element) {
        ByteBuf body = begin(SLICE, name);
        body.writeByte(1);
        Gob.sint(body, element);
        return end(body);
    }

    /**
     * A type that writes itself as bytes.
     *
     * @param name readers ignore it
     * @return this
     */
    public GobDefinitions external(String name) {
        return end(begin(GOB_ENCODER, name));
    }

    private ByteBuf begin(int flavour, String name) {
        ByteBuf body = Unpooled.buffer(64);
        Gob.sint(body, -id);
        body.writeByte(flavour + 1);
        body.writeByte(1);
        if (!name.isEmpty()) {
            body.writeByte(1);
            Gob.string(body, name);
        }
        body.writeByte(name.isEmpty() ? 2 : 1);
        Gob.sint(body, id);
        body.writeByte(0);
        return body;
    }

    private GobDefinitions end(ByteBuf body) {
        body.writeByte(0).writeByte(0);
        Gob.uint(frames, body.readableBytes());
        frames.writeBytes(body);
        id++;
        return this;
    }

    /**
     * What was defined so far.
     *
     * @return a copy of the frames
     */
    public byte[] toBytes() {
        return ByteBufUtil.getBytes(frames);
    }
}
