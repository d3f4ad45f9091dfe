package io.headgate.sync.server;

import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.internal.crumb.Frames;
import io.headgate.sync.internal.wire.SyncEncoder;
import io.headgate.sync.internal.wire.SyncMessage;
import io.netty.buffer.ByteBuf;
import java.util.List;

/** Crumbs in the bytes of the wire. */
record SyncFrames(SyncEncoder encoder) implements Frames {

    @Override
    public void kvs(List<SyncUpdate> updates, long position, ByteBuf out) {
        encoder.kvs(updates, position, out);
    }

    @Override
    public void status(SyncStatus status, long position, ByteBuf out) {
        encoder.encode(new SyncMessage.Status(status, position), out);
    }
}
