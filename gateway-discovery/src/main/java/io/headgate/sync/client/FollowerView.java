package io.headgate.sync.client;

import io.headgate.resolve.Endpoint;
import io.headgate.sync.SyncStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a stream has to say about itself. */
record FollowerView(
        SyncClientStats.State state,
        SyncStatus status,
        @Nullable Endpoint server,
        String serverVersion,
        long connectionId,
        long serverConnectionId,
        long position,
        @Nullable Instant heard,
        @Nullable Instant fresh,
        int waiting,
        @Nullable Loss loss) {

    static final FollowerView NOTHING = new FollowerView(
            SyncClientStats.State.IDLE, SyncStatus.WAIT_FOR_DATASTORE, null, "", 0, 0, 0, null, null, 0, null);
}
