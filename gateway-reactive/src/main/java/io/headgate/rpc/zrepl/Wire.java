package io.headgate.rpc.zrepl;

import io.headgate.rpc.Dialect.Side;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStats;
import io.headgate.rpc.RpcStats.Phase;
import io.headgate.rpc.internal.Teardown;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.GenericFutureListener;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection on its channel: composes the layers, reads when they are ready for more, writes what they have gathered at
 * the end of a turn, and looks at the clock while there is something to look for.
 *
 * <pre>
 *   channel --bytes--> FrameReader --frames--> MessageReader --messages--> Caller or Server
 *   channel <--bytes-- FrameWriter <--frames-- MessageWriter <--messages-- Caller or Server
 * </pre>
 *
 * All but {@link #run}, {@link #stats} and {@link #phase} is for the event loop alone.
 */
final class Wire extends ChannelInboundHandlerAdapter implements CallHost, Layers.Work, Teardown.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(Wire.class);

    private final Channel channel;
    private final Transport transport;
    private final RpcSettings settings;
    private final ZreplConnection connection;
    private final Side side;
    private final Watch watch;
    private final Figures figures;
    private final FrameReader reader;
    private final MessageReader messages;
    private final FrameWriter frames;
    private final MessageWriter out;
    private final CallLayer calls;
    private final GenericFutureListener<Future<? super Void>> written = this::written;
    private final Early early = new Early();
    private volatile @Nullable Layers layers; // null until the channel has an event loop

    private boolean reading; // within a burst of reads
    private boolean advancing;
    private boolean readWanted;
    private boolean flushDue;
    private boolean timing;
    private boolean inputEnded;
    private boolean peerReset;
    private long moved; // when the last byte came or left
    private long unwritten;
    private long stuckAt = Long.MAX_VALUE;
    private long leftover; // bytes that came when nothing was expected any more
    private long leaveBy = Long.MAX_VALUE;
    private @Nullable Ending ending;
    private boolean over;

    Wire(Channel channel, Side side, RpcSpec spec, ZreplConnection connection) {
        this.channel = channel;
        this.transport = new Transport(channel);
        this.settings = spec.settings();
        this.connection = connection;
        this.side = side;
        this.watch = new Watch(spec.observer(), connection);
        this.figures = new Figures(side == Side.INITIATOR, System.nanoTime());
        this.frames = new FrameWriter(
                channel.alloc(), settings.maxFrame(), this::write, watch.isOff() ? null : watch.frames(false));
        this.out = new MessageWriter(channel.alloc(), frames);
        this.calls = side == Side.INITIATOR ? new Caller(this, out) : new Server(this, out, spec.handler());
        this.messages = new MessageReader(calls, side == Side.ACCEPTOR);
        this.reader = new FrameReader(messages, watch.isOff() ? null : watch.frames(true));
    }

    // ---- for any thread

    @Nullable Caller caller() {
        return calls instanceof Caller caller ? caller : null;
    }

    @Nullable SocketAddress remoteAddress() {
        return channel.remoteAddress();
    }

    Phase phase() {
        return figures.phase();
    }

    RpcStats stats() {
        return figures.at(layers == null ? System.nanoTime() : now());
    }

    @Override
    public boolean run(Runnable task) {
        if (layers == null && early.add(task)) {
            return true;
        }
        return transport.run(task);
    }

    // ---- the channel opens

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        transport.configure();
        long now = now();
        layers = new Layers(this, settings.handshake().toNanos(), settings.close().toNanos(), now, this);
        moved = now;
        figures.read(0, now);
        early.open().forEach(Runnable::run);
        if (channel.isActive()) {
            open();
        } else {
            needsTime();
        }
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        transport.configure();
        open();
        ctx.fireChannelActive();
    }

    private void open() {
        Layers all = layers();
        if (ending != null || all.teardown.phase() != Phase.OPENING) {
            return;
        }
        all.teardown.tick(now());
        all.opened();
        connection.tellOpened();
        calls.writable();
        endTurn();
    }

    private Layers layers() {
        Layers all = layers;
        if (all == null) {
            throw new IllegalStateException("the channel has no event loop yet");
        }
        return all;
    }

    // ---- bytes come

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        reading = true;
        readWanted = false;
        moved = now();
        figures.read(bytes.readableBytes(), moved);
        watch.bytes(true, bytes);
        if (isDeaf()) {
            drop(bytes);
        } else {
            reader.add(bytes);
            advance();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        readWanted = false;
        endTurn();
    }

    /** Whether what comes is of no use: the reset was the last word of the other side, or everything is over. */
    private boolean isDeaf() {
        return ending != null || peerReset;
    }

    private void drop(ByteBuf bytes) {
        leftover += bytes.readableBytes();
        bytes.release();
        if (leftover > settings.maxLeftover()) {
            if (ending == null) {
                fail(Ending.of(
                        Ending.Kind.VIOLATED,
                        "bytes after a reset: " + leftover + " (expected: at most " + settings.maxLeftover() + ")"));
            }
            channel.close();
        }
    }

    /** Lets the layers have what they are ready for. */
    private void advance() {
        if (advancing) {
            return; // the outer call goes on
        }
        advancing = true;
        try {
            reader.advance();
        } catch (RpcException violation) {
            fail(new Ending(Ending.Kind.VIOLATED, String.valueOf(violation.getMessage()), violation));
        } catch (RuntimeException fault) {
            LOG.error("{} failed while it read", connection, fault);
            fail(new Ending(Ending.Kind.ABORTED, "fault of this side while it read: " + fault, fault));
        } finally {
            advancing = false;
        }
        if (isDeaf()) {
            leftover += reader.heldBytes();
            reader.discard();
        }
        if (inputEnded && reader.needsMore()) {
            endOfInput();
        }
    }

    @Override
    public void ready() {
        if (layers != null) {
            advance();
            if (!reading) {
                endTurn();
            }
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event == ChannelInputShutdownEvent.INSTANCE || event instanceof SslCloseCompletionEvent) {
            inputEnds();
        }
        ctx.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        inputEnds();
        ctx.fireChannelInactive();
    }

    private void inputEnds() {
        if (!inputEnded) {
            inputEnded = true;
            advance();
            endTurn();
        }
    }

    /** All that came has been taken, and nothing more will come. */
    private void endOfInput() {
        Layers all = layers();
        if (over) {
            return;
        }
        if (ending != null) {
            channel.close();
        } else if (all.teardown.phase(all.calls) == Phase.CLOSED) {
            all.teardown.closed(all.messages); // goodbyes were exchanged: the end is as good as the reset
            all.teardown.drained(all.bytes);
        } else {
            String cut = reader.cutByEnd() == null ? messages.cutByEnd() : reader.cutByEnd();
            lose("the byte stream ended without a goodbye" + (cut == null ? "" : ", amid a " + cut), null);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        broke(cause);
    }

    private void broke(Throwable cause) {
        Layers all = layers();
        if (ending == null && all.teardown.phase(all.calls) == Phase.CLOSED) {
            LOG.debug("{} broke after its goodbyes", connection, cause); // as the original does when it leaves bytes unread
            channel.close();
        } else {
            lose("the byte stream broke: " + cause, cause);
        }
    }

    private void lose(String detail, @Nullable Throwable cause) {
        if (ending == null) {
            over(new Ending(Ending.Kind.LOST, detail, cause));
        }
        channel.close();
    }

    // ---- bytes go

    private void write(ByteBuf bytes) {
        figures.wrote(bytes.readableBytes());
        watch.bytes(false, bytes);
        channel.write(bytes).addListener(written);
    }

    private void written(Future<? super Void> done) {
        Throwable cause = done.cause();
        if (cause != null && ending == null && !over) {
            broke(cause);
        }
    }

    @Override
    public boolean isOpen() {
        return channel.isActive();
    }

    @Override
    public boolean isWritable() {
        return channel.isActive() && channel.isWritable() && ending == null;
    }

    @Override
    public void flush() {
        if (!flushDue) {
            flushDue = true;
            if (!reading) {
                later(this::endTurn);
            }
        }
    }

    @Override
    public void flushNow() {
        flushDue = false;
        frames.drain();
        channel.flush();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable()) {
            moved = now();
            calls.writable();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void later(Runnable task) {
        transport.later(task);
    }

    /** Everything that could be done has been done: what was written leaves, and more is read if there is room for it. */
    private void endTurn() {
        if (flushDue) {
            flushNow();
        }
        figures.turn(calls.active(), reader.heldBytes());
        if (watchesProgress()) {
            needsTime();
        }
        boolean room = isDeaf() || reader.needsMore();
        if (room && !inputEnded && !readWanted && channel.isActive()) {
            readWanted = true;
            channel.read();
        }
    }

    // ---- the clock

    @Override
    public long now() {
        return transport.now();
    }

    @Override
    public void needsTime() {
        if (!timing && !over && layers != null) {
            timing = true;
            transport.after(settings.tick(), this::tick);
        }
    }

    private void tick() {
        timing = false;
        if (over) {
            return;
        }
        Teardown teardown = layers().teardown;
        long now = now();
        teardown.tick(now);
        calls.tick(now);
        watchProgress(now);
        if (leaveBy != Long.MAX_VALUE && now - leaveBy >= 0) {
            channel.close();
        }
        if (ending != null || teardown.phase() != Phase.OPEN || calls.needsTime() || watchesProgress()) {
            needsTime();
        }
    }

    private boolean watchesProgress() {
        return !settings.progress().isZero() && calls.active() > 0;
    }

    /** Only what the peer holds up counts: bytes that are waited for, or that do not leave. */
    private void watchProgress(long now) {
        long before = unwritten;
        unwritten = channel.isWritable() ? 0 : channel.bytesBeforeWritable();
        if (ending != null || !(calls.waitsForPeer() || unwritten > 0)) {
            stuckAt = Long.MAX_VALUE;
        } else if (stuckAt == Long.MAX_VALUE || unwritten != before) {
            stuckAt = now;
        } else if (moved - stuckAt > 0) {
            stuckAt = moved;
        }
        figures.stuckSince(stuckAt);
        if (stuckAt == Long.MAX_VALUE || settings.progress().isZero()) {
            return;
        }
        if (now - stuckAt >= settings.progress().toNanos()) {
            watch.stall(calls.endpoint(), now - stuckAt);
            fail(Ending.of(
                    Ending.Kind.SILENT,
                    "call of " + calls.endpoint() + ": no byte came or left for " + Duration.ofNanos(now - stuckAt)
                            + " (expected: within " + settings.progress() + ")"));
        }
    }

    @Override
    public RpcSettings settings() {
        return settings;
    }

    @Override
    public Watch watch() {
        return watch;
    }

    // ---- goodbyes

    void close(Duration grace) {
        Teardown teardown = layers().teardown;
        if (over || ending != null) {
            return;
        }
        if (!channel.isActive()) {
            abort("closed before it was open");
            return;
        }
        long now = now();
        teardown.tick(now);
        teardown.begin(grace.toNanos());
        if (grace.isZero()) {
            teardown.tick(now);
        }
        needsTime();
        endTurn();
    }

    @Override
    public void drainCalls() {
        calls.drain();
    }

    @Override
    public void settled() {
        layers().teardown.drained(layers().calls);
    }

    @Override
    public void cutCalls() {
        calls.cut();
    }

    @Override
    public void closeCalls() {
        if (peerReset) {
            goodbye(); // the acceptor has said its goodbye, and answers nothing
        } else {
            calls.close();
        }
    }

    /** Close has come and is answered, or is answered by the other side. */
    @Override
    public void goodbye() {
        Layers all = layers();
        all.teardown.tick(now());
        if (all.teardown.phase(all.calls) == Phase.CLOSING) {
            all.teardown.closed(all.calls);
        } else {
            all.teardown.begin(0); // comes back here when the layer says its own
        }
        needsTime();
    }

    @Override
    public void sayReset() {
        out.reset();
        flush();
        if (peerReset || inputEnded) {
            layers().teardown.closed(layers().messages);
        }
    }

    @Override
    public void peerReset() {
        Layers all = layers();
        peerReset = true;
        all.teardown.tick(now());
        if (all.teardown.phase(all.calls) == Phase.CLOSED) {
            all.teardown.closed(all.messages);
        } else if (side == Side.INITIATOR && calls.active() == 0) {
            if (all.teardown.phase(all.calls) == Phase.CLOSING) {
                all.teardown.closed(all.calls); // both sides close: the Close that crossed it will not be answered
            } else {
                all.teardown.begin(0);
            }
            needsTime();
        } else {
            over(Ending.of(Ending.Kind.ABORTED_BY_PEER, "the other side reset the connection"));
            channel.close();
        }
    }

    @Override
    public void writeOut() {
        frames.drain();
        flushDue = false;
        channel.writeAndFlush(channel.alloc().buffer(0, 0)).addListener(done -> {
            if (done.isSuccess()) {
                layers().teardown.drained(layers().frames);
            }
        });
    }

    @Override
    public void halfClose() {
        transport.halfClose();
        layers().teardown.closed(layers().frames);
    }

    @Override
    public void readToEnd() {
        // Without a half close the other side sees no end before this side closes; its reset was its last byte.
        if (inputEnded || (peerReset && !transport.canHalfClose())) {
            layers().teardown.drained(layers().bytes);
        }
    }

    @Override
    public void closeChannel() {
        channel.close();
    }

    @Override
    public void onPhase(Teardown.Layer layer, Phase phase, long nanos) {
        Layers all = layers;
        if (all != null) {
            figures.enter(all.teardown.phase());
        }
        watch.phase(layer.name(), phase, nanos);
    }

    @Override
    public void onEnd(Teardown.@Nullable Layer late, boolean clean) {
        if (ending != null) {
            return;
        }
        if (clean) {
            ending = Ending.of(Ending.Kind.CLEAN, "both sides said goodbye");
        } else if (late != null) {
            ending = Ending.of(
                    Ending.Kind.SILENT, "layer " + late.name() + ": late (expected: within " + settings.close() + ")");
            calls.lost(ending);
            channel.close();
        }
    }

    // ---- the end

    void abort(String reason) {
        if (ending == null && !over) {
            over(Ending.of(Ending.Kind.ABORTED, reason));
            if (channel.isActive()) {
                out.reset();
                flushNow();
            }
            channel.close();
        }
    }

    @Override
    public void fail(Ending how) {
        if (ending != null || over) {
            return;
        }
        over(how);
        if (!channel.isActive()) {
            channel.close();
            return;
        }
        // The reset goes after all that was written, and the other side must be able to read it: no close before its end.
        out.reset();
        frames.drain();
        flushDue = false;
        leaveBy = now() + settings.close().toNanos();
        needsTime();
        ChannelFuture written = channel.writeAndFlush(channel.alloc().buffer(0, 0));
        written.addListener(done -> {
            transport.halfClose();
            if (inputEnded || !transport.canHalfClose()) {
                channel.close();
            } else {
                later(this::endTurn);
            }
        });
    }

    /** From here on nothing is expected and nothing is begun. */
    private void over(Ending how) {
        ending = how;
        layers().teardown.abort();
        calls.lost(how);
        leftover += reader.heldBytes();
        reader.discard();
    }

    void channelClosed() {
        if (layers == null) {
            connection.tellEnded(Ending.of(Ending.Kind.LOST, "the channel was closed before it was open"));
        } else {
            run(this::finish);
        }
    }

    private void finish() {
            if (over) {
                return;
            }
            Layers all = layers();
            if (all.teardown.phase() == Phase.CLOSING && all.teardown.phase(all.bytes) == Phase.CLOSING) {
                all.teardown.closed(all.bytes);
            } else if (ending == null && all.teardown.phase(all.calls) == Phase.CLOSED) {
                endCleanly(all);
            }
            if (ending == null) {
                over(Ending.of(Ending.Kind.LOST, "the channel was closed"));
            }
            over = true;
            reader.discard();
            frames.discard();
            Ending how = Objects.requireNonNull(ending);
            watch.end(how);
            connection.tellEnded(how);
    }

    /** Close was answered, so nothing is lost, whatever the other side did of the rest. */
    private void endCleanly(Layers all) {
        all.teardown.closed(all.messages);
        all.teardown.drained(all.frames);
        all.teardown.closed(all.frames);
        all.teardown.drained(all.bytes);
        all.teardown.closed(all.bytes);
        if (ending == null) {
            ending = Ending.of(Ending.Kind.CLEAN, "both sides said goodbye");
        }
    }
}
