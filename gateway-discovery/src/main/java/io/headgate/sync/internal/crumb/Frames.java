package io.headgate.sync.internal.crumb;

import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.internal.wire.SyncEncoder;
import io.headgate.sync.internal.wire.SyncMessage;
import io.netty.buffer.ByteBuf;
import java.util.List;

/** How crumbs become bytes: frames that depend on no connection. Used by several threads at once. */
public interface Frames {

    /**
     * The frames of the sync protocol.
     *
     * @param encoder writes them
     * @return these
     */
    static Frames of(SyncEncoder encoder) {
        return new Frames() {
            @Override
            public void kvs(List<SyncUpdate> updates, long position, ByteBuf out) {
                encoder.kvs(updates, position, out);
            }

            @Override
            public void status(SyncStatus status, long position, ByteBuf out) {
                encoder.encode(new SyncMessage.Status(status, position), out);
            }
        };
    }

    /**
     * Writes entries as one frame.
     *
     * @param updates in order
     * @param position of the crumb that ends with this frame, 0 when none does
     * @param out borrowed; written to
     */
    void kvs(List<SyncUpdate> updates, long position, ByteBuf out);

    /**
     * Writes a status as one frame.
     *
     * @param status the status
     * @param position of the crumb that ends with this frame
     * @param out borrowed; written to
     */
    void status(SyncStatus status, long position, ByteBuf out);
}
