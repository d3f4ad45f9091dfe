package io.headgate.rpc.wire;

import io.headgate.Service;
import io.headgate.rpc.Dialect.Side;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStats;
import io.headgate.rpc.internal.Gathering;
import io.headgate.rpc.internal.Mailbox;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * One side of a connection: reads frames, lets calls do their work, and writes what they have to say once per burst of reads
 * or of tasks. Everything but the methods of {@link RpcConnection} happens on the event loop of the channel.
 */
final class WireConnection implements RpcConnection {

    /**
     * Bytes that wait to be sent beyond which the socket is full, where nobody has said otherwise: some frames for one system
     * call, and little enough that a small call does not wait long behind them on a slow line.
     */
    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(128 * 1024, 256 * 1024);

    /** Least, first and most bytes of a read: longer ones leave the cache, and an idle connection holds little. */
    private static final int[] READ_BYTES = {2048, 16 * 1024, 64 * 1024};

    /** Reads before the answers to them are sent: with one, as Netty has it, each of a bulk stream costs a wait as well. */
    private static final int READS_AT_ONCE = 4;

    /** Answers that may wait for a peer that does not read; beyond, it is not read from either. */
    private static final int MOST_UNREAD = 4 << 20;

    private final Channel channel;
    private final Side side;
    private final RpcSpec spec;
    private final RpcSettings settings;
    private final Hello own;
    private final Watch watch;
    private final Bursts bursts = new Bursts(this);
    private final Mailbox mailbox = new Mailbox(bursts::enter, bursts::leave, this::inactive);
    private final Calls calls;
    private final SendQueue sends = new SendQueue(this);
    private final Liveness liveness;
    private final Lifecycle lifecycle;
    private final ReceiveWindow window;
    private final ArrayDeque<InboundStream> creditsDue = new ArrayDeque<>();

    private @Nullable ChannelHandlerContext ctx;
    private @Nullable Output output;
    private final FrameWriter writer = new FrameWriter(this);
    private @Nullable Router router;
    private boolean reading;
    private boolean throttled;
    private boolean gone; // with its channel; nothing is sent any more
    private long bytesIn;
    private long held;

    WireConnection(Channel channel, Side side, RpcSpec spec) {
        this.channel = channel;
        this.side = side;
        this.spec = spec;
        this.settings = spec.settings();
        this.own = Hello.of(settings);
        this.watch = new Watch(this, spec.observer());
        this.calls = new Calls(this, side, settings);
        this.liveness = new Liveness(this, settings);
        this.lifecycle = new Lifecycle(this, settings);
        this.window = new ReceiveWindow(settings.connectionWindow());
    }

    // ---- what the parts see of each other

    boolean inLoop() {
        return mailbox.inLoop();
    }

    void post(Runnable task) {
        mailbox.post(task);
    }

    RpcSettings settings() {
        return settings;
    }

    Service<RpcRequest, RpcReply> handler() {
        return spec.handler();
    }

    Watch watch() {
        return watch;
    }

    Calls calls() {
        return calls;
    }

    SendQueue sends() {
        return sends;
    }

    Liveness liveness() {
        return liveness;
    }

    Lifecycle lifecycle() {
        return lifecycle;
    }

    Hello own() {
        return own;
    }

    Hello peer() {
        return router().peer();
    }

    boolean isOpen() {
        return router != null && router.isGreeted();
    }

    private Router router() {
        return Objects.requireNonNull(router);
    }

    Output output() {
        return Objects.requireNonNull(output);
    }

    FrameWriter writer() {
        return writer;
    }

    ByteBufAllocator allocator() {
        return channel.alloc();
    }

    boolean isWritable() {
        return channel.isWritable() && !lifecycle.isOver();
    }

    /** The time at the beginning of this burst. */
    long now() {
        return bursts.now();
    }

    /** The time. */
    long clock() {
        return bursts.clock();
    }

    // ---- bursts: what is written is sent at the end of one

    void burst(Runnable work) {
        bursts.run(work);
    }

    void written() {
        bursts.written();
    }

    void touch() {
        bursts.touch();
    }

    boolean canSettle() {
        return output != null && !gone;
    }

    /** Sends what there is. Whoever has more then touches the burst again. */
    void settleOnce() {
        calls.startFresh();
        writeCredits();
        sends.pump();
        if (output().flush()) {
            liveness.sent(now());
        }
    }

    /** Data waits for the socket by itself; answers to floods of small frames do not, so floods are not read then. */
    void throttle() {
        boolean ending = lifecycle.hasSaidBye() || lifecycle.isOver(); // nothing is answered, and the end must be read
        if (throttled) {
            if (channel.isWritable() || ending) {
                throttled = false;
                channel.config().setAutoRead(true);
            }
        } else if (!ending
                && !channel.isWritable()
                && channel.bytesBeforeWritable() > MOST_UNREAD + settings.maxFrame()) {
            throttled = true;
            channel.config().setAutoRead(false);
        }
    }

    // ---- windows

    /** Bytes of a DATA frame came. */
    void received(int bytes) {
        if (!window.received(bytes)) {
            throw new WireViolation(
                    "DATA: " + bytes + " bytes (expected: no more than there was credit for on the connection)");
        }
    }

    /** Bytes that came are not held any more. */
    void consumed(int bytes) {
        window.consumed(bytes);
        if (window.isDue()) {
            touch();
        }
    }

    /** Bytes wait for their consumer, or do not any more. */
    void held(int bytes) {
        held += bytes;
    }

    ReceiveWindow window() {
        return window;
    }

    void creditLater(InboundStream stream) {
        if (!stream.creditQueued) {
            stream.creditQueued = true;
            creditsDue.add(stream);
            touch();
        }
    }

    private void writeCredits() {
        if (lifecycle.isOver()) {
            creditsDue.clear();
            return;
        }
        for (int i = creditsDue.size(); i > 0; i--) {
            creditsDue.remove().writeCredit();
        }
        if (window.isDue() && !lifecycle.hasSaidBye()) {
            writer.write(FrameType.CREDIT, 0, 8);
            Frames.credit(output().small(18), 0, 0, window.grant());
        }
    }

    /** Bytes of a frame, to be kept by somebody: small ones as a copy, so that they do not hold the whole read buffer. */
    ByteBuf keep(ByteBuf payload, int bytes) {
        return bytes >= Gathering.SLICE_LIMIT
                ? payload.readRetainedSlice(bytes)
                : allocator().buffer(Math.max(bytes, 1)).writeBytes(payload, bytes);
    }

    // ---- the channel

    void attach(ChannelHandlerContext context) {
        ctx = context;
        bursts.attach(context.executor());
        output = new Output(context, watch);
        router = new Router(this, allocator(), settings);
        if (channel.config().getWriteBufferWaterMark() == WriteBufferWaterMark.DEFAULT) {
            channel.config().setWriteBufferWaterMark(WATER_MARK);
        }
        channel.config()
                .setRecvByteBufAllocator(new AdaptiveRecvByteBufAllocator(READ_BYTES[0], READ_BYTES[1], READ_BYTES[2])
                        .maxMessagesPerRead(READS_AT_ONCE));
        if (channel instanceof DuplexChannel) {
            channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        }
        lifecycle.start(now());
        liveness.begin(channel.eventLoop(), now());
        mailbox.attach(channel.eventLoop());
    }

    void active() {
        if (lifecycle.isOver() || router().hasBegun()) {
            return;
        }
        burst(() -> {
            router().begin();
            lifecycle.bytesOpened();
            output().small(64).writeCharSequence(Banner.own(), StandardCharsets.US_ASCII);
            writer.hello();
        });
    }

    void read(ByteBuf in) {
        if (!reading) {
            reading = true;
            bursts.enter();
            liveness.heard(now());
        }
        bytesIn += in.readableBytes();
        if (watch.isOn()) {
            watch.bytes(true, in);
        }
        if (lifecycle.isLingering() || lifecycle.hasBye()) {
            lifecycle.onLeftover(in);
            return;
        }
        try {
            router().feed(in);
        } catch (WireViolation fault) {
            lifecycle.onViolation(fault);
        }
    }

    void readComplete() {
        if (reading) {
            reading = false;
            bursts.leave();
        }
    }

    void eof() {
        burst(() -> lifecycle.onEof(missing()));
    }

    /** The channel is closed. */
    void inactive() {
        burst(() -> {
            lifecycle.onClosed();
            liveness.stop();
            router().stop();
            output().release();
            gone = true;
        });
    }

    void broken(Throwable cause) {
        burst(() -> lifecycle.onBroken(cause));
    }

    String missing() {
        return router().missing();
    }

    void stopDecoding() {
        router().stop();
    }

    /** Whether a last word can be sent without waiting for earlier ones. */
    boolean canTell() {
        return channel.isActive() && channel.isWritable() && router().hasBegun();
    }

    /**
     * Sends what is written, and closes this half of the byte stream; the other side ends the other one. Where there are no
     * halves, the side that opened the byte stream closes it, and the one that was told of a fault.
     */
    void closeOutput() {
        ChannelHandlerContext context = Objects.requireNonNull(ctx);
        output().flush();
        SslHandler tls = channel.pipeline().get(SslHandler.class);
        if (tls != null) {
            tls.closeOutbound().addListener(done -> shutdownOutput());
        } else if (channel instanceof DuplexChannel) {
            context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(done -> shutdownOutput());
        } else if (side == Side.INITIATOR && !lifecycle.isLingering()) {
            context.executor().execute(() -> burst(lifecycle::nothingToWaitFor));
        }
    }

    private void shutdownOutput() {
        if (channel instanceof DuplexChannel duplex && channel.isActive()) {
            duplex.shutdownOutput();
        }
    }

    void closeChannel() {
        if (output != null && channel.isActive()) {
            output.flush();
        }
        channel.close();
    }

    // ---- for everybody, from any thread

    @Override
    public Mono<RpcReply> call(RpcRequest request) {
        return new CallMono(this, Objects.requireNonNull(request, "request"));
    }

    @Override
    public Status status() {
        return calls.status();
    }

    @Override
    public Mono<Void> opened() {
        return lifecycle.opened();
    }

    @Override
    public Mono<Ending> closed() {
        return lifecycle.closed();
    }

    @Override
    public Mono<Void> closeAsync(Duration grace) {
        Objects.requireNonNull(grace, "grace");
        return closed().then().doOnSubscribe(subscription -> run(() -> lifecycle.begin(grace, now())));
    }

    /** Ends the connection by itself, when its calls have ended. */
    void drain(String why) {
        lifecycle.begin(Duration.ofSeconds(Long.MAX_VALUE), now());
    }

    @Override
    public void abort(String reason) {
        Objects.requireNonNull(reason, "reason");
        run(() -> lifecycle.abort(reason));
    }

    private void run(Runnable task) {
        if (inLoop()) {
            burst(task);
        } else {
            post(task);
        }
    }

    @Override
    public RpcStats stats() {
        return new RpcStats(
                lifecycle.phase(),
                calls.outgoing(),
                calls.incoming(),
                bytesIn,
                output == null ? 0 : output.bytes(),
                held,
                Duration.ofNanos(Math.max(0, clock() - liveness.lastHeard())),
                Duration.ofNanos(liveness.roundTrip()),
                Duration.ofNanos(liveness.stalled()));
    }

    @Override
    public @Nullable SocketAddress remoteAddress() {
        return channel.remoteAddress();
    }

    @Override
    public String describe() {
        return toString();
    }

    @Override
    public String toString() {
        return "headgate-rpc " + side + " " + channel;
    }
}
