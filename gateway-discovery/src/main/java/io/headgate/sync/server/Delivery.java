package io.headgate.sync.server;

import io.headgate.sync.internal.crumb.Crumb;
import io.headgate.sync.internal.crumb.CrumbCursor;
import io.headgate.sync.internal.crumb.SnapshotReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one client is sent: the snapshot, then the log, in slices that it shares with all others. Writes only while the channel
 * is writable, flushes once for what is there, and makes way for others after some turns.
 *
 * <p><b>Threading.</b> The event loop.
 */
final class Delivery extends Seats.Seated implements Runnable, ChannelFutureListener {

    /** Small enough that a slow client pins little, large enough that a fast one needs few system calls. */
    private static final int PIECE = 256 * 1024;

    /** For TLS, which copies it. */
    private static final int PIECE_COPIED = 64 * 1024;

    private static final int TURNS = 16;

    private final ChannelHandlerContext ctx;
    private final Guests guests;
    private final Guest guest;
    private final Row row;
    private final String type;
    private final int piece;
    private final boolean observed;
    private @Nullable SnapshotReader snapshot;
    private @Nullable CrumbCursor cursor;
    private @Nullable View resumed; // until the client has been told how complete it is
    private final Patience patience; // limited when the snapshot has reached the socket
    private final long begun;
    private long writing; // when the write began whose end is waited for
    private int written; // its bytes; 0 when none is
    private boolean waited;
    private boolean busy;

    private Delivery(
            ChannelHandlerContext ctx,
            Guests guests,
            Guest guest,
            Row row,
            @Nullable SnapshotReader snapshot,
            @Nullable CrumbCursor cursor) {
        this.ctx = ctx;
        this.guests = guests;
        this.guest = guest;
        this.row = row;
        this.type = guest.type();
        this.snapshot = snapshot;
        this.cursor = cursor;
        this.piece = guests.spec().tls() == null ? PIECE : PIECE_COPIED;
        this.observed = guests.isObserved();
        this.begun = guests.now();
        this.patience = new Patience(guests.spec().settings().maxFallBehind().toNanos());
    }

    /** Takes ownership of the reader. */
    static Delivery of(ChannelHandlerContext ctx, Guests guests, Guest guest, Row row, SnapshotReader snapshot) {
        return new Delivery(ctx, guests, guest, row, snapshot, null);
    }

    /** Takes ownership of the cursor; its client has all before it. */
    static Delivery of(
            ChannelHandlerContext ctx, Guests guests, Guest guest, Row row, CrumbCursor cursor, View resumed) {
        Delivery delivery = new Delivery(ctx, guests, guest, row, null, cursor);
        delivery.resumed = resumed;
        delivery.limitGrace();
        return delivery;
    }

    void begin() {
        row.enter(this);
        pump();
    }

    /** Writes what there is and what the channel takes. */
    void pump() {
        if (busy) {
            return; // called back by a flush of this
        }
        busy = true;
        try {
            for (int turn = 0; ctx.channel().isWritable() && fill(); turn++) {
                ctx.flush();
                if (turn == TURNS) {
                    ctx.executor().execute(this);
                    return;
                }
            }
        } catch (RuntimeException
                | OutOfMemoryError e) { // direct memory may be used up; others have their turn all the same
            guest.failed(e);
        } finally {
            busy = false;
        }
    }

    @Override
    public void run() {
        pump();
    }

    private boolean fill() {
        SnapshotReader reading = snapshot;
        if (reading == null) {
            return follow();
        }
        ByteBuf bytes = reading.take(piece);
        if (bytes != null) {
            write(bytes);
            return true;
        }
        if (!reading.isDone()) {
            return false; // more is being made
        }
        cursor = reading.cursor();
        reading.close();
        snapshot = null;
        ctx.write(Unpooled.EMPTY_BUFFER).addListener(reached -> snapshotReached(reached.isSuccess()));
        return true;
    }

    private void snapshotReached(boolean success) {
        if (success && cursor != null) {
            limitGrace();
            guests.observe(observer -> observer.snapshotSent(type, Duration.ofNanos(guests.now() - begun)));
            guest.caughtUp();
        }
    }

    private void limitGrace() {
        patience.graceEnds(guests.now() + guests.spec().settings().grace().toNanos());
    }

    private boolean follow() {
        CrumbCursor reading = cursor;
        if (reading == null) {
            return false; // closed
        }
        long behind = reading.ageNanos();
        if (!isNearEnough(behind)) {
            return false;
        }
        ByteBuf bytes = reading.take(piece);
        if (bytes == null) {
            waited = true;
            return tellStatus(reading);
        }
        if (observed) {
            boolean now = waited;
            guests.observe(observer -> observer.sending(type, Duration.ofNanos(behind), now));
        }
        waited = false;
        write(bytes);
        return true;
    }

    /** A client that went on has said to others that it resyncs; it is told where it stands as soon as it has all. */
    private boolean tellStatus(CrumbCursor reading) {
        View view = resumed;
        if (view == null) {
            return false;
        }
        Crumb newest = view.cache().newest().crumb();
        if (newest.position() != reading.position()) {
            return false; // more is coming
        }
        resumed = null;
        guest.status(newest.status(), newest.position());
        return true;
    }

    private boolean isNearEnough(long behind) {
        if (behind == 0) {
            return true;
        }
        switch (patience.of(behind, guests.now())) {
            case GRACE -> guests.graceUsed(type);
            case CUT -> {
                guest.end(SyncEnd.FELL_BEHIND, "fell behind: " + Duration.ofNanos(behind));
                return false;
            }
            default -> {}
        }
        return true;
    }

    private void write(ByteBuf bytes) {
        int length = bytes.readableBytes();
        guests.written(length);
        if (observed && written == 0) {
            written = length;
            writing = guests.now();
            ctx.write(bytes).addListener(this);
        } else {
            ctx.write(bytes, ctx.voidPromise());
        }
    }

    /** The bytes of a write have reached the socket. */
    @Override
    public void operationComplete(ChannelFuture write) {
        int bytes = written;
        written = 0;
        if (write.isSuccess()) {
            Duration took = Duration.ofNanos(guests.now() - writing);
            guests.observe(observer -> observer.written(type, took, bytes));
        }
    }

    /** Looks at how far behind a client is that takes nothing, or little; may end it. */
    void look() {
        CrumbCursor reading = cursor;
        if (reading != null && patience.isLimited()) {
            isNearEnough(reading.ageNanos());
        }
    }

    /** Whether what it is to be sent will never be made. */
    boolean isLost() {
        SnapshotReader reading = snapshot;
        CrumbCursor following = cursor;
        return reading != null ? reading.isAborted() : following != null && following.isEnded();
    }

    boolean isInSnapshot() {
        return !patience.isLimited();
    }

    /** Whether the bytes that were written end with a frame. */
    boolean isBetweenFrames() {
        SnapshotReader reading = snapshot;
        return reading == null || reading.isBetweenFrames();
    }

    long begun() {
        return begun;
    }

    /** The newest position that the client was sent. */
    long position() {
        return cursor == null ? 0 : cursor.position();
    }

    /** Gives back what it holds. */
    void close() {
        row.leave(this);
        if (snapshot != null) {
            snapshot.close();
            snapshot = null;
        }
        if (cursor != null) {
            cursor.close();
            cursor = null;
        }
    }
}
