package io.headgate.sync.internal.wire;

import io.headgate.sync.internal.gob.Gob;
import io.headgate.sync.internal.gob.GobDefinitions;
import io.headgate.sync.internal.wire.SyncType.Since;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Which types a sender defines, in which order, and how new their fields may be. Everything on the wire but the values follows
 * from it, so that frames depend on no connection. Immutable.
 *
 * @param types in the order of their ids; those that a type mentions come before it
 * @param newest the fields that are sent
 */
record SyncLayout(List<SyncType> types, Since newest) {

    /** Of v3.2.5, in both directions. */
    static final SyncLayout ORIGIN = new SyncLayout(
            List.of(
                    SyncType.ENVELOPE,
                    SyncType.SERVER_HELLO,
                    SyncType.SYNC_STATUS,
                    SyncType.TIME,
                    SyncType.PING,
                    SyncType.UPDATE,
                    SyncType.UPDATES,
                    SyncType.KVS,
                    SyncType.PONG,
                    SyncType.CLIENT_HELLO),
            Since.ORIGIN);

    /** From server to client, without the message that is ours. */
    static final List<SyncType> SERVER_TYPES = List.of(
            SyncType.ENVELOPE,
            SyncType.TIME,
            SyncType.SERVER_HELLO,
            SyncType.DECODER_RESTART,
            SyncType.SYNC_STATUS,
            SyncType.PING,
            SyncType.UPDATE,
            SyncType.UPDATES,
            SyncType.KVS);

    /** From server to client. */
    static final SyncLayout SERVER = new SyncLayout(and(SERVER_TYPES, SyncType.REFUSAL), Since.OURS);

    /** From client to server. */
    static final List<SyncType> CLIENT_TYPES = List.of(
            SyncType.ENVELOPE, SyncType.TIME, SyncType.STRINGS, SyncType.CLIENT_HELLO, SyncType.PONG, SyncType.ACK);

    /** From client to server. */
    static final SyncLayout CLIENT = new SyncLayout(CLIENT_TYPES, Since.OURS);

    private static List<SyncType> and(List<SyncType> types, SyncType last) {
        List<SyncType> all = new ArrayList<>(types);
        all.add(last);
        return List.copyOf(all);
    }

    int id(SyncType type) {
        int index = types.indexOf(type);
        if (index < 0) {
            throw new IllegalArgumentException("type: " + type + " (expected: one of " + types + ")");
        }
        return GobDefinitions.FIRST_ID + index;
    }

    /** The definitions of all types. */
    byte[] preamble() {
        GobDefinitions definitions = new GobDefinitions();
        for (SyncType type : types) {
            switch (type) {
                case TIME -> definitions.external(type.typeName());
                case STRINGS -> definitions.slice(type.typeName(), STRING_ID);
                case UPDATES -> definitions.slice(type.typeName(), id(SyncType.UPDATE));
                default ->
                    definitions.struct(
                            type.typeName(),
                            type.fields().stream()
                                    .filter(this::sends)
                                    .map(field -> new GobDefinitions.Field(field.name(), typeOf(field)))
                                    .toList());
            }
        }
        return definitions.toBytes();
    }

    private static final int STRING_ID = 6;

    private int typeOf(SyncType.Field field) {
        return switch (field.kind()) {
            case BOOL -> 1;
            case INT -> 2;
            case UINT -> 3;
            case BYTES -> 5;
            case STRING -> STRING_ID;
            case INTERFACE -> 8;
            case EXTERNAL -> id(SyncType.TIME);
            case STRINGS -> id(SyncType.STRINGS);
            case STRUCTS -> id(SyncType.UPDATES);
        };
    }

    private boolean sends(SyncType.Field field) {
        return field.since().compareTo(newest) <= 0;
    }

    /** The number that each field of a type has on the wire, -1 for those that are not sent. */
    int[] numbers(SyncType type) {
        int[] numbers = new int[type.fields().size()];
        Arrays.fill(numbers, -1);
        int next = 0;
        for (int i = 0; i < numbers.length; i++) {
            if (sends(type.fields().get(i))) {
                numbers[i] = next++;
            }
        }
        return numbers;
    }

    /** What stands in each frame of a message between the length of the frame and the length of the message. */
    byte[] head(SyncType type) {
        ByteBuf head = Unpooled.buffer(80);
        Gob.sint(head, id(SyncType.ENVELOPE));
        head.writeByte(1);
        Gob.string(head, type.registeredName());
        Gob.sint(head, id(type));
        return ByteBufUtil.getBytes(head);
    }
}
