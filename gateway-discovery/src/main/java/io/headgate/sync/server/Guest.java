package io.headgate.sync.server;

import io.headgate.sync.SyncStatus;
import io.headgate.sync.internal.crumb.CrumbCursor;
import io.headgate.sync.internal.crumb.Format;
import io.headgate.sync.internal.gob.GobTime;
import io.headgate.sync.internal.gob.SyncWireException;
import io.headgate.sync.internal.wire.SyncMessage;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client, from accept to its end: what it may say next, and until when.
 *
 * <p><b>Threading.</b> The event loop of its channel, but for {@link #leave}.
 */
final class Guest extends Desk.Guarded {

    private static final Logger LOG = LoggerFactory.getLogger(Guest.class);

    /** How long somebody who was told to go may take to read why. */
    private static final long FAREWELL = TimeUnit.SECONDS.toNanos(1);

    private static final String LOST = "set: cannot be sent any further";

    private enum Phase {
        /** Its hello is awaited, before which there may be a TLS handshake. */
        HELLO,
        /** It was told that another stream of bytes begins, and is to say that it is ready. */
        SWITCH,
        /** It is sent the set. */
        SERVED,
        /** It is to be gone. */
        OVER
    }

    private final Guests guests;
    private final ChannelHandlerContext ctx;
    private final Desk desk;
    private final long accepted;
    private final Progress progress;
    private final Pulse pulse;
    private Phase phase = Phase.HELLO;
    private long since; // when the phase began
    private SyncEnd end = SyncEnd.LEFT;
    private String type = "";
    private boolean understandsRefusals;
    private boolean begun; // whether anything was written
    private boolean compressed;
    private Topic.@Nullable Seat seat;
    private @Nullable CrumbCursor resumed; // while it waits for the switch
    private @Nullable Delivery delivery;

    Guest(Guests guests, ChannelHandlerContext ctx, Desk desk) {
        this.guests = guests;
        this.ctx = ctx;
        this.desk = desk;
        this.accepted = guests.now();
        this.since = accepted;
        this.progress = new Progress(settings().writeTimeout().toNanos());
        this.pulse = new Pulse(settings().pongTimeout().toNanos());
        desk.enter(this);
    }

    private SyncServerSettings settings() {
        return guests.spec().settings();
    }

    /** Its topic; empty before its hello. */
    String type() {
        return type;
    }

    // ---- what it says

    void says(SyncMessage message) {
        switch (phase) {
            case HELLO -> {
                if (message instanceof SyncMessage.ClientHello hello) {
                    greet(hello);
                } else {
                    wrong(message, "a hello");
                }
            }
            case SWITCH -> {
                if (message instanceof SyncMessage.Ack) {
                    switched();
                } else {
                    wrong(message, "an acknowledgement");
                }
            }
            case SERVED -> {
                if (message instanceof SyncMessage.Pong) {
                    ponged();
                } else {
                    wrong(message, "a pong");
                }
            }
            case OVER -> {} // it has not read yet that it is to go
        }
    }

    private void wrong(SyncMessage message, String expected) {
        end(SyncEnd.WRONG_MESSAGE, "message: " + message.getClass().getSimpleName() + " (expected: " + expected + ")");
    }

    private void ponged() {
        long took = pulse.ponged(guests.now());
        if (took >= 0) {
            guests.observe(observer -> observer.ponged(type, Duration.ofNanos(took)));
        }
    }

    // ---- greeting

    private void greet(SyncMessage.ClientHello hello) {
        understandsRefusals = hello.refusals();
        Greeting greeting = Greeting.of(hello, settings(), guests.topics().keySet());
        if (greeting instanceof Greeting.Refused refused) {
            end(refused.end(), refused.reason());
        } else if (greeting instanceof Greeting.Welcome welcome) {
            welcome(hello, welcome);
        }
    }

    private void welcome(SyncMessage.ClientHello hello, Greeting.Welcome welcome) {
        Topic.Seat taken =
                Objects.requireNonNull(guests.topics().get(welcome.type())).enter(welcome.prefixes());
        if (taken == null) {
            end(SyncEnd.TOO_MANY_PREFIXES, "prefixes: one more set of them (expected: fewer different ones at a time)");
            return;
        }
        LOG.debug(
                "client {} ({} {}) follows {}",
                ctx.channel(),
                Greeting.shown(hello.hostname()),
                Greeting.shown(hello.version()),
                welcome);
        seat = taken;
        View view = taken.view();
        if (view.isLost(Format.PLAIN)) {
            end(SyncEnd.FAILED, LOST);
            return;
        }
        type = welcome.type();
        boolean snappy = welcome.snappy() && !view.isLost(Format.SNAPPY);
        resumed = view.resume(hello.resumeServer(), hello.resumePosition(), snappy ? Format.SNAPPY : Format.PLAIN);
        guests.welcomed(type, resumed != null, snappy);
        send(new SyncMessage.ServerHello(
                guests.spec().version(),
                type,
                true,
                guests.nextConnectionId(),
                view.id(),
                resumed != null,
                !welcome.prefixes().isEmpty()));
        if (snappy) {
            send(new SyncMessage.DecoderRestart("compression", SyncMessage.SNAPPY));
            enter(Phase.SWITCH);
        } else {
            serve(view);
        }
        ctx.flush();
    }

    private void switched() {
        compressed = true;
        begun = false; // another stream
        serve(Objects.requireNonNull(seat).view());
        ctx.flush();
    }

    private void serve(View view) {
        enter(Phase.SERVED);
        CrumbCursor cursor = resumed;
        resumed = null;
        open();
        if (isLost(view)) {
            end(SyncEnd.FAILED, LOST); // since the hello
            return;
        }
        Format format = format();
        Row row = view.audience(format).row(ctx.channel().eventLoop());
        if (cursor == null) {
            delivery = Delivery.of(ctx, guests, this, row, view.snapshot(format));
        } else {
            delivery = Delivery.of(ctx, guests, this, row, cursor, view);
            caughtUp();
        }
        delivery.begin();
    }

    private Format format() {
        return compressed ? Format.SNAPPY : Format.PLAIN;
    }

    private boolean isLost(View view) {
        return view.isLost(format());
    }

    private void enter(Phase next) {
        phase = next;
        since = guests.now();
    }

    /** It has its snapshot, or needs none: pings may be sent. */
    void caughtUp() {
        if (phase == Phase.SERVED) {
            pulse.begin(nextPing());
        }
    }

    private long nextPing() {
        return guests.now()
                + Jitter.upToTenthMore(
                        settings().pingInterval().toNanos(), guests.spec().random());
    }

    // ---- what it is told

    /** Writes what every stream of bytes begins with. */
    private void open() {
        if (!begun) {
            begun = true;
            ctx.write(guests.encoder().opening(compressed));
        }
    }

    private void send(SyncMessage message) {
        open();
        ByteBuf plain = encoded(message);
        ctx.write(compressed ? desk.compressed(plain, ctx.alloc()) : plain, ctx.voidPromise());
    }

    private ByteBuf encoded(SyncMessage message) {
        ByteBuf frame = ctx.alloc().buffer();
        try {
            guests.encoder().encode(message, frame);
            return frame;
        } catch (RuntimeException | OutOfMemoryError e) {
            frame.release();
            throw e;
        }
    }

    /** Tells a client that goes on how complete the set is that it has. */
    void status(SyncStatus status, long position) {
        send(new SyncMessage.Status(status, position));
    }

    private void ping(Delivery to) {
        send(new SyncMessage.Ping(
                GobTime.of(guests.wall()), Objects.requireNonNull(seat).view().heard(), to.position()));
        pulse.pinged(guests.now(), nextPing());
        ctx.flush();
    }

    // ---- deadlines

    @Override
    void look() {
        try {
            look(guests.now());
        } catch (RuntimeException | OutOfMemoryError e) { // others are looked at all the same
            failed(e);
        }
    }

    private void look(long now) {
        switch (phase) {
            case HELLO -> {
                if (now - accepted >= settings().handshakeTimeout().toNanos()) {
                    end(
                            SyncEnd.NO_HELLO,
                            "hello: none (expected: within " + settings().handshakeTimeout() + ")");
                }
            }
            case SWITCH -> {
                if (now - since >= settings().pongTimeout().toNanos()) {
                    end(
                            SyncEnd.NO_ACK,
                            "acknowledgement: none (expected: within "
                                    + settings().pongTimeout() + ")");
                }
            }
            case SERVED -> lookAt(Objects.requireNonNull(delivery), now);
            case OVER -> {
                if (now - since >= FAREWELL) {
                    cut();
                }
            }
        }
    }

    private void lookAt(Delivery current, long now) {
        if (isStuck(now)) {
            end(SyncEnd.NO_PROGRESS, "");
        } else if (current.isLost() || isLost(Objects.requireNonNull(seat).view())) {
            end(SyncEnd.FAILED, LOST);
        } else if (current.isInSnapshot()) {
            if (now - current.begun() >= settings().snapshotTimeout().toNanos()) {
                end(SyncEnd.SLOW_SNAPSHOT, "");
            }
        } else if (pulse.isOverdue(now)) {
            end(SyncEnd.NO_PONG, "pong: none (expected: within " + settings().pongTimeout() + ")");
        } else {
            current.look();
            if (phase == Phase.SERVED && pulse.isDue(now) && ctx.channel().isWritable()) {
                ping(current);
            }
        }
    }

    private boolean isStuck(long now) {
        ChannelOutboundBuffer waiting = ctx.channel().unsafe().outboundBuffer();
        return waiting != null && progress.isStuck(waiting.totalPendingWriteBytes(), waiting.currentProgress(), now);
    }

    void writable() {
        if (delivery != null) {
            delivery.pump();
        }
    }

    // ---- the end

    /** Asks it to leave. Any thread. */
    void leave(SyncEnd why, String reason) {
        try {
            ctx.executor().execute(() -> end(why, reason));
        } catch (RejectedExecutionException e) {
            LOG.debug("client {} is gone with its event loop", ctx.channel());
        }
    }

    /** Ends it, and tells it why when it can read that now. */
    void end(SyncEnd why, String reason) {
        if (phase == Phase.OVER) {
            return;
        }
        LOG.debug("client {} ends: {} {}", ctx.channel(), why, reason);
        boolean tell = understandsRefusals
                && phase != Phase.SWITCH // between two streams of bytes it can read nothing
                && ctx.channel().isWritable()
                && (delivery == null || delivery.isBetweenFrames());
        end = why;
        enter(Phase.OVER);
        guests.leaving(this);
        giveBack();
        if (tell) {
            tell(reason.isEmpty() ? why.name() : reason);
        } else if (why == SyncEnd.NO_PROGRESS || !ctx.channel().isWritable()) {
            cut();
        } else {
            ctx.close();
        }
    }

    private void tell(String reason) {
        try {
            send(new SyncMessage.Refusal(reason, Duration.ZERO));
            ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(told -> ctx.close());
        } catch (RuntimeException | OutOfMemoryError e) { // what failed before may fail again
            LOG.debug("client {} cannot be told why it has to go", ctx.channel(), e);
            cut();
        }
    }

    /** TLS would wait for its last words to be taken. */
    private void cut() {
        ctx.channel().unsafe().close(ctx.channel().voidPromise());
    }

    private void giveBack() {
        if (resumed != null) {
            resumed.close();
            resumed = null;
        }
        if (delivery != null) {
            delivery.close();
            delivery = null;
        }
        if (seat != null) {
            seat.leave();
            seat = null;
        }
    }

    void failed(Throwable cause) {
        if (cause instanceof SyncWireException refused) {
            end(
                    switch (refused.reason()) {
                        case FRAME_TOO_LONG -> SyncEnd.TOO_LONG;
                        case NO_MESSAGE, UNEXPECTED_MESSAGE, UNKNOWN_NAME -> SyncEnd.WRONG_MESSAGE;
                        default -> SyncEnd.BAD_BYTES;
                    },
                    String.valueOf(refused.getMessage()));
        } else if (cause instanceof IOException || cause.getCause() instanceof IOException) {
            end(SyncEnd.BROKEN, ""); // TLS that breaks is one as well
        } else {
            LOG.warn("client {} cannot be served any more", ctx.channel(), cause);
            end(SyncEnd.FAILED, "internal error");
        }
    }

    /** The channel is closed. */
    void gone() {
        boolean served = !type.isEmpty();
        desk.leave(this);
        phase = Phase.OVER;
        giveBack();
        guests.gone(this, served ? type : null, end, Duration.ofNanos(guests.now() - accepted));
    }
}
