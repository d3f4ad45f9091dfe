package io.headgate.sync.internal.crumb;

import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.netty.buffer.ByteBuf;
import java.util.List;

/** How crumbs become bytes: frames that depend on no connection. Used by several threads at once. */
public interface Frames {

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
