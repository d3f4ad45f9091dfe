package io.headgate.function.log;

import io.headgate.function.driver.InstanceOutput;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Takes what one instance prints: hands it to the call that runs, and cuts it into lines for the logger and for syslog. Made by
 * {@link FunctionLogs#router}.
 *
 * <p>Without frames, what is printed belongs to the call that runs at the time. Output and reply come on different ways, so that the last
 * words of a call may come after its end: they are logged without a call, or with the next one. While several calls run, what
 * is printed belongs to none. With {@linkplain LogSettings#withFrames frames} the function says itself which call its next
 * lines are of, and all lines are logged with the right one.
 *
 * <p><b>Threading.</b> Any thread may call anything. Beginning and ending a call is a compare-and-set and a read; it takes a lock only
 * when half a line waits.
 */
public final class OutputRouter implements InstanceOutput {

    private static final ByteBuf END = Unpooled.unreleasableBuffer(
            Unpooled.wrappedBuffer(new byte[] {'\n'}).asReadOnly());

    private final LineSink.Source source;
    private final List<LineSink> sinks;
    private final LineSplitter splitter;
    private final @Nullable Frames frames;
    private final Runnable released;
    private final AtomicReference<List<CallOutput>> running = new AtomicReference<>(List.of());
    private final Object lock = new Object();
    private volatile boolean midLine;
    private @Nullable String callOfLine; // guarded by lock, as all below: whose half a line waits
    private boolean blank; // a line without a character, held back while it may belong to a frame
    private boolean closed;

    /**
     * For one instance.
     *
     * @param sinks take the lines
     * @param released is told when it was closed, once
     */
    OutputRouter(LineSink.Source source, List<LineSink> sinks, int maxLineBytes, boolean framed, Runnable released) {
        this.source = source;
        this.sinks = sinks;
        this.splitter = new LineSplitter(maxLineBytes);
        this.frames = framed ? Frames.create() : null;
        this.released = released;
    }

    /**
     * What the environment of the instance needs besides, for the function to say which call it prints for.
     *
     * @return names and values; none without frames
     */
    public Map<String, String> environment() {
        return frames == null ? Map.of() : frames.environment();
    }

    /**
     * A call is about to be sent to the instance.
     *
     * @param call takes what is printed until {@link #end}
     */
    public void begin(CallOutput call) {
        Objects.requireNonNull(call, "call");
        flushMidLine();
        running.updateAndGet(calls -> with(calls, call));
    }

    /**
     * A call is over. A piece that is being printed at the moment may still come.
     *
     * @param call as it was begun
     */
    public void end(CallOutput call) {
        flushMidLine();
        flushFramed(call);
        running.updateAndGet(calls -> without(calls, call));
    }

    private static List<CallOutput> with(List<CallOutput> calls, CallOutput more) {
        if (calls.isEmpty()) {
            return List.of(more);
        }
        List<CallOutput> all = new ArrayList<>(calls);
        all.add(more);
        return List.copyOf(all);
    }

    private static List<CallOutput> without(List<CallOutput> calls, CallOutput over) {
        if (calls.size() == 1) {
            return calls.get(0) == over ? List.of() : calls;
        }
        return calls.stream().filter(call -> call != over).toList();
    }

    /** With frames other calls may be in the middle of a line. */
    private void flushFramed(CallOutput call) {
        if (midLine && frames != null) {
            synchronized (lock) {
                if (call.callId().equals(callOfLine)) {
                    splitter.flush(this::framed);
                    midLine = false;
                }
            }
        }
    }

    /** Half a line belongs to the call that printed it. Frames say that better. */
    private void flushMidLine() {
        if (midLine && frames == null) {
            synchronized (lock) {
                splitter.flush(this::unframed);
                midLine = false;
            }
        }
    }

    @Override
    public void print(ByteBuf bytes) {
        synchronized (lock) {
            if (closed) {
                return;
            }
            if (frames != null) {
                splitter.split(bytes, this::framed);
                midLine = splitter.isMidLine();
                return;
            }
            CallOutput call = onlyCall();
            if (call != null) {
                call.print(bytes);
            }
            if (wantsLines()) {
                callOfLine = call == null ? null : call.callId();
                splitter.split(bytes, this::unframed);
                midLine = splitter.isMidLine();
            }
        }
    }

    private List<CallOutput> calls() {
        return Objects.requireNonNull(running.get());
    }

    private @Nullable CallOutput onlyCall() {
        List<CallOutput> calls = calls();
        return calls.size() == 1 ? calls.get(0) : null;
    }

    private void unframed(ByteBuf line, boolean ends) {
        log(callOfLine, line);
    }

    // ---- with frames, a line at a time

    private void framed(ByteBuf line, boolean ends) {
        String callId = frames == null ? null : frames.callOf(line);
        if (callId != null) {
            callOfLine = callId;
            blank = false; // it came with the frame
            return;
        }
        if (blank) {
            hand(Unpooled.EMPTY_BUFFER, true);
        }
        blank = !line.isReadable();
        if (!blank) {
            hand(line, ends);
            log(callOfLine, line);
        }
    }

    private void hand(ByteBuf line, boolean ends) {
        for (CallOutput call : calls()) {
            if (call.callId().equals(callOfLine)) {
                call.print(line);
                if (ends) {
                    call.print(END.duplicate());
                }
            }
        }
    }

    // ---- lines

    private boolean wantsLines() {
        for (LineSink sink : sinks) {
            if (sink.isOn()) {
                return true;
            }
        }
        return midLine; // so that it does not wait for ever
    }

    private void log(@Nullable String callId, ByteBuf line) {
        if (!line.isReadable()) {
            return;
        }
        String text = null;
        for (LineSink sink : sinks) {
            if (sink.isOn()) {
                text = text == null ? Printable.of(line) : text;
                sink.line(source, callId, text);
            }
        }
    }

    /** The instance is gone. What it has printed last goes where it belongs; what still comes is dropped. May be called again. */
    public void close() {
        synchronized (lock) {
            if (closed) {
                return;
            }
            closed = true;
            splitter.flush(frames == null ? this::unframed : this::framed);
            midLine = false;
        }
        released.run();
    }

    @Override
    public String toString() {
        return "OutputRouter[" + source.app().name() + "/" + source.fn().name() + " " + source.instanceId() + "]";
    }
}
