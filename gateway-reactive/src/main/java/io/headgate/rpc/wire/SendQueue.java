package io.headgate.rpc.wire;

import java.util.ArrayDeque;

/**
 * Who sends next. Streams that have something to send take turns of some bytes each, so that a big one never starves the
 * others; those that wait for the window of the connection, or for their turn to send an element in several frames, wait in
 * lines of their own.
 */
final class SendQueue {

    /** Bytes of one turn: a frame, and little enough that a small call waits but microseconds. */
    private static final int QUANTUM = 128 * 1024;

    /** Bytes after which a read may have its turn. */
    private static final int MOST_AT_ONCE = 8 << 20;

    /** Most bytes of a frame: longer ones leave the processor's cache between source and socket. */
    private static final int BULK_FRAME = QUANTUM;

    /** The same where the turn is not whole any more, so that the frame it ends with makes it longer by a half at most. */
    private static final int LAST_FRAME = QUANTUM / 2;

    private final WireConnection connection;
    private final ArrayDeque<OutboundStream> ready = new ArrayDeque<>();
    private final ArrayDeque<OutboundStream> starved = new ArrayDeque<>(0);
    private final ArrayDeque<OutboundStream> unsplit = new ArrayDeque<>(0);
    private long window;
    private int partial;
    private int mostPartial;
    private int frameLimit;
    private boolean pumping;

    SendQueue(WireConnection connection) {
        this.connection = connection;
    }

    void open(Hello peer, int ownMaxFrame) {
        window = peer.connectionWindow();
        mostPartial = peer.maxPartial();
        frameLimit = Math.min(BULK_FRAME, peer.frameLimit(ownMaxFrame));
    }

    /** Most bytes of a frame in a turn of which so many are left. */
    int frameLimit(int left) {
        return left >= QUANTUM ? frameLimit : Math.min(frameLimit, LAST_FRAME);
    }

    long window() {
        return window;
    }

    /** A stream may be able to send; it gets its turn. One that is in another line keeps its place there. */
    void ready(OutboundStream stream) {
        if (!stream.queued && !stream.inLine) {
            stream.queued = true;
            ready.add(stream);
            connection.touch();
        }
    }

    /** The other side has taken bytes. */
    void credit(int bytes) {
        window += bytes;
        if (bytes < 0 || window > Integer.MAX_VALUE) {
            throw new WireViolation("CREDIT of the connection: " + Integer.toUnsignedString(bytes)
                    + " bytes (expected: at most " + Integer.MAX_VALUE + " in all)");
        }
        wakeStarved();
    }

    /** Takes bytes of the window of the connection, or has the stream wait for them. */
    boolean take(OutboundStream stream, int bytes) {
        if (window < bytes) {
            line(stream, starved);
            return false;
        }
        window -= bytes;
        return true;
    }

    /** The right to send an element in several frames, or the stream waits for it. */
    boolean beginPartial(OutboundStream stream) {
        if (stream.maySplit) {
            return true;
        }
        if (partial >= mostPartial) {
            line(stream, unsplit);
            return false;
        }
        partial++;
        stream.maySplit = true;
        return true;
    }

    /** The right goes to who has waited longest, and is its own at once: were it free until then, nobody would pass it on. */
    void endPartial(OutboundStream stream) {
        if (!stream.maySplit) {
            return;
        }
        stream.maySplit = false;
        OutboundStream next = unsplit.poll();
        while (next != null && next.hasEnded()) {
            next = unsplit.poll();
        }
        if (next == null) {
            partial--;
        } else {
            next.maySplit = true;
            next.inLine = false;
            ready(next);
        }
    }

    private static void line(OutboundStream stream, ArrayDeque<OutboundStream> line) {
        if (!stream.inLine) {
            stream.inLine = true;
            line.add(stream);
        }
    }

    /** Who has waited for the window goes before those whose own credit has just come, or would wait as long as others move. */
    private void wakeStarved() {
        for (OutboundStream stream = starved.pollLast(); stream != null; stream = starved.pollLast()) {
            stream.inLine = false;
            stream.queued = true;
            ready.addFirst(stream);
        }
        connection.touch();
    }

    /** Lets streams take turns until all wait, or the socket is full. */
    void pump() {
        if (pumping) {
            return;
        }
        pumping = true;
        long until = connection.output().bytes() + MOST_AT_ONCE;
        try {
            while (connection.isWritable() && connection.output().bytes() < until) {
                OutboundStream stream = ready.poll();
                if (stream == null) {
                    return;
                }
                if (!stream.turn(QUANTUM)) {
                    stream.queued = false;
                } else if (stream.isCutShort()) {
                    ready.addFirst(stream); // or whom the full socket meets again and again falls behind the others
                } else {
                    ready.add(stream);
                }
            }
            if (!ready.isEmpty() && connection.isWritable()) {
                connection.touch();
            }
        } finally {
            pumping = false;
        }
    }
}
