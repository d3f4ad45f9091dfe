package io.headgate.sync.client;

import io.headgate.resolve.Endpoint;
import io.headgate.sync.SyncStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link SyncClient} does, at the time of asking. Totals are of all its streams since it was made; where there are several, the
 * rest is of the one that was subscribed last.
 *
 * @param streams how many subscribers there are, each with a connection of its own
 * @param state what the stream does
 * @param status what the server said last, on this connection
 * @param server the server that is dialled or followed, or null between attempts
 * @param serverVersion of its build, as it says; empty before its hello
 * @param connectionId the client's name for the connection, unsigned, which is in the logs of servers, too; 0 between attempts
 * @param serverConnectionId the server's name for it, unsigned; 0 when unknown
 * @param position up to where the server has told its set, unsigned; 0 when it does not say
 * @param heard when the server said something last, or null
 * @param fresh when the source of all was heard of last, as the server says, or null when it does not say
 * @param waiting how many keys wait for demand
 * @param lastLoss why the last connection ended, or null
 * @param lastReason the same in words, with what a server said that refused; or null
 * @param retryAfter for how long that server wanted to be left alone; zero when it did not say
 * @param attempts connections that were tried, in total
 * @param connected connections on which a server said hello, in total
 * @param resumed those of them that went on without a snapshot, in total
 * @param losses connections that ended or never came about, in total, by why; a reason that never was is not there
 * @param bytes that came, after TLS and before decompression, in total
 * @param updates entries that came, in total
 * @param skippedKeys entries left out because their keys make no sense, in total
 * @param badValues entries told as deletions because their values make no sense, in total
 */
public record SyncClientStats(
        int streams,
        State state,
        SyncStatus status,
        @Nullable Endpoint server,
        String serverVersion,
        long connectionId,
        long serverConnectionId,
        long position,
        @Nullable Instant heard,
        @Nullable Instant fresh,
        int waiting,
        @Nullable SyncLoss lastLoss,
        @Nullable String lastReason,
        Duration retryAfter,
        long attempts,
        long connected,
        long resumed,
        Map<SyncLoss, Long> losses,
        long bytes,
        long updates,
        long skippedKeys,
        long badValues) {

    /** What a stream does. */
    public enum State {
        /** Nobody is subscribed. */
        IDLE,
        /** It waits for the next attempt, or for a server to be known. */
        WAITING,
        /** It connects, or has not been greeted yet. */
        CONNECTING,
        /** It is told the set, or what has changed in it. */
        FOLLOWING
    }

    /** Copies the map. */
    public SyncClientStats {
        losses = Map.copyOf(losses);
    }

    /**
     * How many connections ended for a reason.
     *
     * @param reason why
     * @return zero or more
     */
    public long lost(SyncLoss reason) {
        return losses.getOrDefault(reason, 0L);
    }

    /**
     * Whether the picture is complete, as far as the server knows.
     *
     * @return what readiness means
     */
    public boolean isInSync() {
        return state == State.FOLLOWING && status == SyncStatus.IN_SYNC;
    }
}
