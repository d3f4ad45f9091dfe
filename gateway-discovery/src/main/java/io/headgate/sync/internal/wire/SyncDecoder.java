package io.headgate.sync.internal.wire;

import io.headgate.sync.internal.gob.GobDecoder;
import io.headgate.sync.internal.gob.GobLimits;
import io.headgate.sync.internal.gob.GobPlan;
import io.headgate.sync.internal.gob.GobShape;
import io.headgate.sync.internal.gob.GobTarget;
import io.headgate.sync.internal.gob.SyncWireException;
import io.headgate.sync.internal.gob.SyncWireException.Reason;
import io.netty.buffer.ByteBuf;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the messages of one gob stream; a restart takes a new one. Used by one thread at a time, and not again after it has
 * thrown.
 */
public final class SyncDecoder {

    private static final GobShape ENVELOPE = SyncType.ENVELOPE.shape(null);
    private static final Map<String, MessageReader> FROM_CLIENTS =
            MessageReader.of(SyncType.CLIENT_HELLO, SyncType.PONG, SyncType.ACK);
    private static final Map<String, MessageReader> FROM_SERVERS = MessageReader.of(
            SyncType.SERVER_HELLO,
            SyncType.SYNC_STATUS,
            SyncType.PING,
            SyncType.KVS,
            SyncType.DECODER_RESTART,
            SyncType.REFUSAL);

    private final GobDecoder gob;
    private final Map<String, MessageReader> readers;
    private final GobTarget envelope = this::envelope;
    private @Nullable SyncMessage message;

    private SyncDecoder(GobLimits limits, Map<String, MessageReader> readers) {
        gob = new GobDecoder(limits);
        this.readers = readers;
    }

    /**
     * For a server: reads what clients may say.
     *
     * @param limits on what a client may make it hold, as a rule {@link GobLimits#SERVER}
     * @return a decoder for one stream
     */
    public static SyncDecoder server(GobLimits limits) {
        return new SyncDecoder(limits, FROM_CLIENTS);
    }

    /**
     * For a client: reads what servers may say.
     *
     * @param limits on what a server may make it hold, as a rule {@link GobLimits#CLIENT}
     * @return a decoder for one stream
     */
    public static SyncDecoder client(GobLimits limits) {
        return new SyncDecoder(limits, FROM_SERVERS);
    }

    /**
     * Reads the next message, if all of it is there.
     *
     * @param in borrowed; its reader index moves behind what was read. What is left must come again, with more behind it
     * @return null when more bytes are needed
     * @throws SyncWireException when the bytes are not what they may be
     */
    public @Nullable SyncMessage decode(ByteBuf in) {
        message = null;
        if (!gob.decode(in, ENVELOPE, envelope)) {
            message = null;
            return null;
        }
        SyncMessage read = message;
        message = null;
        if (read == null) {
            throw noMessage();
        }
        return read;
    }

    private void envelope(int slot, @Nullable GobPlan element, GobDecoder in) {
        String name = in.name();
        if (name.isEmpty()) {
            throw noMessage();
        }
        MessageReader reader = readers.get(name);
        if (reader == null) {
            throw new SyncWireException(
                    FROM_CLIENTS.containsKey(name) || FROM_SERVERS.containsKey(name)
                            ? Reason.UNEXPECTED_MESSAGE
                            : Reason.UNKNOWN_NAME,
                    "message: " + name + " (expected: one of " + readers.keySet() + ")");
        }
        message = reader.read(in, in.concrete());
    }

    private static SyncWireException noMessage() {
        return new SyncWireException(Reason.NO_MESSAGE, "message: none (expected: one in every envelope)");
    }
}
