package io.headgate.rpc.wire;

import io.headgate.rpc.Ending;
import io.headgate.rpc.Ending.Kind;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcStats.Phase;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.internal.StreamFault;
import io.headgate.rpc.internal.Teardown;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * How a connection begins and ends: calls above frames above bytes. Calls drain when both sides have said GOAWAY and none is
 * left; frames close when both have said BYE; bytes close at the end of the byte stream.
 */
final class Lifecycle implements Teardown.Listener {

    private static final Logger LOG = LoggerFactory.getLogger("io.headgate.rpc");

    private final WireConnection connection;
    private final RpcSettings settings;
    private final Layer calls = new CallLayer();
    private final Layer frames = new FrameLayer();
    private final Layer bytes = new ByteLayer();
    private final Teardown teardown;
    private final Sinks.Empty<Void> opened = Sinks.empty();
    private final Sinks.One<Ending> closed = Sinks.one();
    private boolean goAwaySent;
    private boolean goAwayCame;
    private boolean byeSent;
    private boolean byeCame;
    private boolean eof;
    private boolean lingering; // it is over; what still comes is dropped until the byte stream ends
    private long lingerUntil;
    private long leftover;
    private @Nullable Ending ending;
    private boolean told;
    private volatile Phase phase = Phase.OPENING;
    private long base; // when time began for the teardown

    Lifecycle(WireConnection connection, RpcSettings settings) {
        this.connection = connection;
        this.settings = settings;
        this.teardown = new Teardown(
                List.of(calls, frames, bytes),
                settings.handshake().toNanos(),
                settings.close().toNanos(),
                0,
                this);
    }

    /** The channel has a clock: the handshake has its time from now on. */
    void start(long now) {
        base = now;
    }

    Mono<Void> opened() {
        return opened.asMono();
    }

    Mono<Ending> closed() {
        return closed.asMono();
    }

    Phase phase() {
        return phase;
    }

    /** How it ended, once that is decided. */
    @Nullable Ending ending() {
        return ending;
    }

    boolean isOver() {
        return ending != null;
    }

    boolean isQuiet() {
        return teardown.phase() == Phase.OPEN && !lingering;
    }

    // ---- the beginning

    void bytesOpened() {
        teardown.opened(bytes);
    }

    void greeted() {
        teardown.opened(frames);
        teardown.opened(calls);
        phase = teardown.phase();
        opened.tryEmitEmpty();
    }

    // ---- the end that somebody wants

    void begin(Duration grace, long now) {
        if (!isOver()) {
            teardown.tick(now - base);
            teardown.begin(grace.compareTo(Duration.ofDays(10_000)) > 0 ? Long.MAX_VALUE : grace.toNanos());
            teardown.tick(now - base); // no grace at all ends now
            phase = teardown.phase();
            connection.liveness().wantTicks();
            connection.touch();
        }
    }

    void onGoAway(int last, String reason) {
        goAwayCame = true;
        connection.calls().closeForOwn(reason);
        connection.calls().notAccepted(last, reason);
        begin(Duration.ofSeconds(Long.MAX_VALUE), connection.now());
        callsEnded();
        closeCalls();
    }

    void onBye() {
        byeCame = true;
        if (!goAwayCame || !connection.calls().isEmpty()) {
            throw new WireViolation("BYE: with " + connection.calls().all().length
                    + " calls open (expected: none, and a GOAWAY before)");
        }
        if (byeSent) {
            teardown.closed(frames);
        }
    }

    boolean hasSaidBye() {
        return byeSent;
    }

    boolean hasBye() {
        return byeCame;
    }

    /** The last call has ended, or might have. */
    void callsEnded() {
        if (goAwaySent && goAwayCame && connection.calls().isEmpty()) {
            teardown.drained(calls);
        }
    }

    private abstract static class Layer implements Teardown.Layer {

        private final String name;

        Layer(String name) {
            this.name = name;
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public void cut() {
            // only the topmost layer has anything to cut
        }
    }

    private final class CallLayer extends Layer {

        CallLayer() {
            super("calls");
        }

        @Override
        public void drain() {
            goAwaySent = true;
            connection.calls().startFresh();
            connection.calls().refuse("it is being closed");
            connection.writer().goAway("closing");
            callsEnded();
        }

        @Override
        public void cut() {
            connection
                    .calls()
                    .cutAll(
                            RpcException.of(RpcStatus.UNAVAILABLE, "connection: closed before the call had ended"),
                            true);
            teardown.drained(this);
        }

        @Override
        public void close() {
            closeCalls();
        }
    }

    private void closeCalls() {
        if (goAwayCame) {
            teardown.closed(calls);
        }
    }

    private final class FrameLayer extends Layer {

        FrameLayer() {
            super("frames");
        }

        @Override
        public void drain() {
            teardown.drained(this);
        }

        @Override
        public void close() {
            byeSent = true;
            connection.writer().bye();
            if (byeCame) {
                teardown.closed(this);
            }
        }
    }

    private final class ByteLayer extends Layer {

        ByteLayer() {
            super("bytes");
        }

        @Override
        public void drain() {
            teardown.drained(this);
        }

        @Override
        public void close() {
            connection.closeOutput();
            if (eof) {
                teardown.closed(this);
            }
        }
    }

    /** This side may close the channel: it cannot close one half of it, and is the one to go first. */
    void nothingToWaitFor() {
        teardown.closed(bytes);
    }

    // ---- the end that comes

    /** The byte stream has ended. */
    void onEof(String missing) {
        eof = true;
        if (lingering) {
            connection.closeChannel();
        } else if (byeSent && byeCame) {
            teardown.closed(bytes);
        } else {
            over(
                    Ending.of(
                            Kind.LOST,
                            "byte stream: ended "
                                    + (missing.isEmpty() ? "" : "in the middle of a frame: " + missing + ", ")
                                    + "in phase " + phase + " (expected: BYE before)"),
                    null);
        }
    }

    /** The byte stream broke. */
    void onBroken(Throwable thrown) {
        Throwable cause = StreamFault.of(thrown);
        if (byeSent && byeCame) {
            teardown.closed(bytes); // everything has been said; a reset changes nothing
        } else if (cause instanceof RuntimeException) {
            LOG.error(
                    "{} failed", connection, cause); // ours, or that of an operator which breaks the rules of its trade
            over(new Ending(Kind.ABORTED, "internal error: " + cause, cause), "internal error");
        } else {
            over(new Ending(Kind.LOST, "byte stream: " + StreamFault.text(cause), cause), null);
        }
    }

    void onViolation(WireViolation fault) {
        over(Ending.of(Kind.VIOLATED, String.valueOf(fault.getMessage())), fault.getMessage());
    }

    void onPeerAbort(Frames.End said) {
        over(Ending.of(Kind.ABORTED_BY_PEER, said.text()), null);
    }

    void onSilence(long nanos) {
        over(
                Ending.of(
                        Kind.SILENT,
                        "other side: not heard of for "
                                + Duration.ofNanos(nanos).toMillis() + " ms (expected: at most "
                                + settings.silence().toMillis() + ")"),
                null);
    }

    void abort(String reason) {
        over(Ending.of(Kind.ABORTED, reason), reason);
    }

    /** It is over, and something may be cut. Tells the other side where that takes no waiting. */
    private void over(Ending how, @Nullable String tell) {
        if (isOver()) {
            return;
        }
        ending = how;
        teardown.abort();
        connection.stopDecoding();
        endCalls(how);
        if (tell != null && connection.canTell()) {
            connection.writer().fatal(tell);
            lingering = true;
            lingerUntil = connection.now() + settings.close().toNanos();
            connection.closeOutput();
            connection.liveness().wantTicks();
        } else {
            connection.closeChannel();
        }
    }

    private void endCalls(Ending how) {
        connection.calls().closeForOwn(how.detail());
        connection
                .calls()
                .cutAll(
                        RpcException.of(
                                RpcStatus.UNAVAILABLE, "connection: " + how.kind() + ": " + how.detail(), how.cause()),
                        false);
    }

    /** What comes when nothing is expected any more; what the other side had credit for may have been on its way before it knew. */
    void onLeftover(ByteBuf in) {
        leftover += in.readableBytes();
        if (leftover > (long) settings.connectionWindow() + settings.maxLeftover()) {
            connection.closeChannel();
        }
    }

    boolean isLingering() {
        return lingering;
    }

    void tick(long now) {
        teardown.tick(now - base);
        if (lingering && now - lingerUntil >= 0) {
            connection.closeChannel();
        }
    }

    @Override
    public void onPhase(Teardown.Layer layer, Phase entered, long nanos) {
        if (connection.watch().isOn()) {
            connection.watch().phase(layer.name(), entered, nanos);
        }
    }

    @Override
    public void onEnd(Teardown.@Nullable Layer late, boolean clean) {
        phase = teardown.phase();
        if (clean) {
            ending = Ending.of(Kind.CLEAN, "both sides said goodbye");
            connection.stopDecoding();
            connection.closeChannel();
        } else if (late != null) {
            Phase was = late == calls && !connection.isOpen() ? Phase.OPENING : Phase.CLOSING;
            over(
                    Ending.of(
                            Kind.SILENT,
                            was == Phase.OPENING
                                    ? "handshake: not ended within " + settings.handshake()
                                    : late.name() + ": no goodbye of the other side within " + settings.close()),
                    null);
        }
    }

    /** The channel is closed: now all is said and done. */
    void onClosed() {
        if (!isOver()) {
            onEof(connection.missing());
        }
        Ending how = ending;
        if (told || how == null) {
            return;
        }
        told = true;
        phase = how.isClean() ? Phase.CLOSED : Phase.ABORTED;
        connection.watch().end(how);
        opened.tryEmitError(
                RpcException.refused(RpcStatus.UNAVAILABLE, "connection: " + how.kind() + ": " + how.detail()));
        closed.tryEmitValue(how);
    }
}
