package io.headgate.mux;

import io.headgate.mux.Content.Ending;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** One stream of a scripted HTTP/2 connection; an {@link Incoming} for what the other end sends. */
final class H2Stream extends Incoming {

    private record End(Ending ending, long code) {}

    final H2Wire wire;
    final int id;
    final AtomicLong written = new AtomicLong();
    final AtomicLong received = new AtomicLong();
    final CompletableFuture<Long> reset = new CompletableFuture<>();

    /** Whether what the test takes is credited; else it does that itself. */
    volatile boolean credits = true;

    long sendWindow; // guarded by the wire
    private final LinkedBlockingQueue<Object> events = new LinkedBlockingQueue<>();
    private boolean ended;

    H2Stream(H2Wire wire, int id, long sendWindow) {
        this.wire = wire;
        this.id = id;
        this.sendWindow = sendWindow;
    }

    // ---- the reading thread's side

    void headRead(Msg head) {
        events.add(head);
        if (head.endStream) {
            events.add(new End(Ending.CLEAN, -1));
        }
    }

    void dataRead(byte[] bytes, boolean endStream) {
        received.addAndGet(bytes.length);
        events.add(bytes);
        if (endStream) {
            events.add(new End(Ending.CLEAN, -1));
        }
    }

    void resetRead(int code) {
        reset.complete((long) code);
        events.add(new End(Ending.RESET, code));
    }

    void connectionClosed() {
        events.add(new End(Ending.CLOSED, wire.goAway.getNow(-1L)));
    }

    // ---- the test's side

    private Object next() {
        try {
            Object event = events.poll(H1Wire.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
            if (event == null) {
                throw new AssertionError("nothing on stream " + id + " within " + H1Wire.PATIENCE_MILLIS + " ms");
            }
            return event;
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The next head. */
    Msg head() {
        Object event = next();
        if (event instanceof Msg head) {
            return head;
        }
        if (event instanceof End end) {
            throw new Cut(end.ending, end.code, null);
        }
        throw new AssertionError("no head but " + event);
    }

    @Override
    byte[] chunk() {
        if (ended) {
            return null;
        }
        Object event = next();
        if (event instanceof byte[] bytes) {
            if (credits && bytes.length > 0) {
                credit(bytes.length);
            }
            return bytes;
        }
        if (event instanceof Msg head) {
            trailers.addAll(head.fields);
            return new byte[0];
        }
        End end = (End) event;
        if (end.ending != Ending.CLEAN) {
            throw new Cut(end.ending, end.code, null);
        }
        ended = true;
        return null;
    }

    void credit(int bytes) {
        try {
            wire.credit(id, bytes);
        } catch (UncheckedIOException e) {
            // gone; what has come can still be read
        }
    }

    /** Whether all that has come was taken. */
    boolean silent() {
        return events.isEmpty();
    }

    /** Whether nothing has come and nothing comes for a while. */
    boolean isSilentFor(int millis) throws InterruptedException {
        Object event = events.poll(millis, TimeUnit.MILLISECONDS);
        if (event != null) {
            throw new AssertionError("not silent: " + event);
        }
        return true;
    }

    long awaitReset() throws Exception {
        return reset.get(H1Wire.PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }
}
