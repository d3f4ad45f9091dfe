package io.headgate.rpc.zrepl;

import io.headgate.rpc.Dialect.Side;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStats;
import io.headgate.rpc.RpcStats.Phase;
import io.headgate.rpc.internal.Mailbox;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.function.Consumer;
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
final class Wire extends ChannelInboundHandlerAdapter implements CallHost {

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
    private final Progress progress = new Progress();
    private final Mailbox mailbox = new Mailbox(this::tasksBegin, this::tasksEnd, this::finish);
    private final Runnable turnEnds = this::endTurn;
    private volatile @Nullable Life life; // null until the channel has an event loop

    private boolean inBurst;
    private boolean reading;
    private long readAt; // when it began
    private boolean advancing;
    private boolean readWanted;
    private boolean flushDue;
    private boolean timing;
    private long leftover; // bytes that came when nothing was expected any more

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
        return figures.at(life == null ? System.nanoTime() : now());
    }

    @Override
    public boolean inLoop() {
        return mailbox.inLoop();
    }

    @Override
    public void run(Runnable task) {
        if (inLoop()) {
            task.run();
        } else {
            mailbox.post(task);
        }
    }

    private void tasksBegin() {
        inBurst = true;
    }

    private void tasksEnd() {
        inBurst = false;
        endTurn();
    }

    void close(Duration grace) {
        life().close(grace);
        endTurn();
    }

    void abort(String reason) {
        life().abort(reason);
    }

    // ---- the channel opens and closes

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        transport.configure();
        figures.read(0, now());
        life = new Life(this, transport, settings, side, connection);
        if (channel.isActive()) {
            open();
        } else {
            needsTime();
        }
        mailbox.attach(channel.eventLoop());
    }

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
        open();
        ctx.fireChannelActive();
    }

    private void open() {
        if (life().open()) {
            calls.writable();
            life().closeIfAsked();
            endTurn();
        }
    }

    private Life life() {
        Life current = life;
        if (current == null) {
            throw new IllegalStateException("the channel has no event loop yet");
        }
        return current;
    }

    void channelClosed() {
        if (life == null) {
            connection.tellEnded(Ending.of(Ending.Kind.LOST, "the channel was closed before it was open"));
        } else {
            run(this::finish);
        }
    }

    private void finish() {
        Ending how = life().finish();
        if (how != null) {
            reader.discard();
            frames.discard();
            watch.end(how);
            connection.tellEnded(how);
        }
    }

    /** The connection is over. */
    void lost(Ending how) {
        calls.lost(how);
        leftover += reader.heldBytes();
        reader.discard();
    }

    void entered(String layer, Phase phase, long nanos) {
        Life current = life;
        if (current != null) {
            figures.enter(current.phase());
        }
        watch.phase(layer, phase, nanos);
    }

    // ---- bytes come

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf bytes = (ByteBuf) message;
        inBurst = true;
        readWanted = false;
        if (!reading) {
            reading = true;
            readAt = now();
            progress.moved(readAt);
        }
        figures.read(bytes.readableBytes(), readAt);
        watch.bytes(true, bytes);
        if (life().isDeaf()) {
            drop(bytes);
        } else {
            reader.add(bytes);
            advance();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        inBurst = false;
        readWanted = false;
        endTurn();
    }

    private void drop(ByteBuf bytes) {
        leftover += bytes.readableBytes();
        bytes.release();
        if (leftover > settings.maxLeftover()) {
            life().fail(Ending.of(
                    Ending.Kind.VIOLATED,
                    "bytes after a reset: " + leftover + " (expected: at most " + settings.maxLeftover() + ")"));
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
        if (life().isDeaf()) {
            leftover += reader.heldBytes();
            reader.discard();
        }
        if (!life().hasInput() && reader.needsMore()) {
            String cut = reader.cutByEnd();
            life().endOfInput(cut == null ? messages.cutByEnd() : cut);
        }
    }

    @Override
    public void ready() {
        if (life != null) {
            advance();
            if (!inBurst) {
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
        if (life().hasInput()) {
            life().inputEnds();
            advance();
            endTurn();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        life().broke(cause);
    }

    // ---- bytes go

    private void write(ByteBuf bytes) {
        figures.wrote(bytes.readableBytes());
        watch.bytes(false, bytes);
        channel.write(bytes, channel.voidPromise()); // one that fails comes as an exception
    }

    @Override
    public boolean isOpen() {
        return channel.isActive();
    }

    @Override
    public boolean isWritable() {
        return channel.isActive() && channel.isWritable() && !life().hasEnding();
    }

    @Override
    public void flush() {
        if (!flushDue) {
            flushDue = true;
            if (!inBurst) {
                later(turnEnds);
            }
        }
    }

    @Override
    public void flushNow() {
        flushDue = false;
        frames.drain();
        channel.flush();
    }

    /** Tells when all that was written has left. */
    void writeOut(Consumer<Boolean> then) {
        flushDue = false;
        frames.drain();
        channel.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> then.accept(done.isSuccess()));
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (channel.isWritable()) {
            progress.moved(now());
            calls.writable();
        }
        ctx.fireChannelWritabilityChanged();
    }

    @Override
    public void later(Runnable task) {
        transport.later(task, mailbox);
    }

    /** Everything that could be done has been done: what was written leaves, and more is read if there is room for it. */
    void endTurn() {
        if (flushDue) {
            flushNow();
        }
        figures.turn(calls.active(), reader.heldBytes());
        if (watchesProgress()) {
            needsTime();
        }
        boolean room = life().isDeaf() || reader.needsMore();
        if (room && life().hasInput() && !readWanted && channel.isActive()) {
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
        if (!timing && life != null && !life().isOver()) {
            timing = true;
            transport.after(settings.tick(), this::tick);
        }
    }

    private void tick() {
        timing = false;
        if (life().isOver()) {
            return;
        }
        long now = now();
        life().tick(now);
        calls.tick(now);
        watchProgress(now);
        if (life().needsTime() || calls.needsTime() || watchesProgress()) {
            needsTime();
        }
        endTurn();
    }

    private boolean watchesProgress() {
        return !settings.progress().isZero() && calls.active() > 0;
    }

    private void watchProgress(long now) {
        boolean ended = life().hasEnding();
        progress.look(
                now, !ended && calls.waitsForPeer(), ended || channel.isWritable() ? 0 : channel.bytesBeforeWritable());
        long since = progress.stuckAt();
        figures.stuckSince(since);
        if (since == Long.MAX_VALUE
                || settings.progress().isZero()
                || now - since < settings.progress().toNanos()) {
            return;
        }
        watch.stall(calls.endpoint(), now - since);
        fail(Ending.of(
                Ending.Kind.SILENT,
                "call of " + calls.endpoint() + ": no byte came or left for " + Duration.ofNanos(now - since)
                        + " (expected: within " + settings.progress() + ")"));
    }

    // ---- for the layers

    @Override
    public void settled() {
        life().settled();
    }

    @Override
    public void goodbye() {
        life().goodbye();
    }

    @Override
    public void peerReset() {
        life().peerReset();
    }

    @Override
    public void fail(Ending how) {
        life().fail(how);
    }

    CallLayer calls() {
        return calls;
    }

    MessageWriter out() {
        return out;
    }

    @Override
    public RpcSettings settings() {
        return settings;
    }

    @Override
    public Watch watch() {
        return watch;
    }
}
