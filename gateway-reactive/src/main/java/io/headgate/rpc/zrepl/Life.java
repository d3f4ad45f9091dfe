package io.headgate.rpc.zrepl;

import io.headgate.rpc.Dialect.Side;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcStats.Phase;
import io.headgate.rpc.internal.StreamFault;
import io.headgate.rpc.internal.Teardown;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How a connection begins and ends: the goodbyes of its layers, and the ways in which it breaks. A connection that fails says so
 * with a reset after all that was written, half closes, and reads to the end under a deadline, so that the other side can read
 * what it was sent. For the event loop alone.
 */
final class Life implements Layers.Work, Teardown.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(Life.class);

    private final Wire wire;
    private final Transport transport;
    private final RpcSettings settings;
    private final Side side;
    private final ZreplConnection connection;
    private final Layers layers;
    private @Nullable Duration closeWhenOpen;
    private @Nullable Ending ending;
    private boolean inputEnded;
    private boolean peerReset;
    private boolean over;
    private long leaveBy = Long.MAX_VALUE;

    Life(Wire wire, Transport transport, RpcSettings settings, Side side, ZreplConnection connection) {
        this.wire = wire;
        this.transport = transport;
        this.settings = settings;
        this.side = side;
        this.connection = connection;
        this.layers = new Layers(
                this, settings.handshake().toNanos(), settings.close().toNanos(), transport.now(), this);
    }

    // ---- what the wire asks

    /** Whether what comes is of no use: the reset was the last word of the other side, or everything is over. */
    boolean isDeaf() {
        return ending != null || peerReset;
    }

    boolean hasEnding() {
        return ending != null;
    }

    boolean hasInput() {
        return !inputEnded;
    }

    boolean isOver() {
        return over;
    }

    /** Whether a deadline runs. */
    boolean needsTime() {
        return !over && (ending != null || layers.teardown.phase() != Phase.OPEN);
    }

    void tick(long now) {
        layers.teardown.tick(now);
        if (leaveBy != Long.MAX_VALUE && now - leaveBy >= 0) {
            transport.close();
        }
    }

    // ---- the beginning

    /** The channel is active; true at the first time. */
    boolean open() {
        if (ending != null || layers.teardown.phase() != Phase.OPENING) {
            return false;
        }
        layers.teardown.tick(transport.now());
        layers.opened();
        connection.tellOpened();
        return true;
    }

    void closeIfAsked() {
        if (closeWhenOpen != null) {
            close(closeWhenOpen);
        }
    }

    // ---- goodbyes

    void close(Duration grace) {
        if (over || ending != null) {
            return;
        }
        if (!transport.isActive()) {
            if (grace.isZero()) {
                abort("closed before it was open");
            } else {
                closeWhenOpen = grace; // the handshake has its own end
            }
            return;
        }
        long now = transport.now();
        layers.teardown.tick(now);
        layers.teardown.begin(grace.toNanos());
        if (grace.isZero()) {
            layers.teardown.tick(now);
        }
        wire.needsTime();
    }

    @Override
    public void drainCalls() {
        wire.calls().drain();
    }

    void settled() {
        layers.teardown.drained(layers.calls);
    }

    @Override
    public void cutCalls() {
        wire.calls().cut();
    }

    @Override
    public void closeCalls() {
        if (peerReset) {
            goodbye(); // the acceptor has said its goodbye, and answers nothing
        } else {
            wire.calls().close();
        }
    }

    /** Close has come and is answered, or is answered by the other side. */
    void goodbye() {
        layers.teardown.tick(transport.now());
        if (layers.teardown.phase(layers.calls) == Phase.CLOSING) {
            layers.teardown.closed(layers.calls);
        } else {
            layers.teardown.begin(0); // comes back here when the layer says its own
        }
        wire.needsTime();
    }

    @Override
    public void sayReset() {
        wire.out().reset();
        wire.flush();
        if (peerReset || inputEnded) {
            layers.teardown.closed(layers.messages);
        }
    }

    void peerReset() {
        peerReset = true;
        layers.teardown.tick(transport.now());
        if (saidGoodbye()) {
            layers.teardown.closed(layers.messages);
        } else if (side == Side.INITIATOR && wire.calls().active() == 0) {
            if (layers.teardown.phase(layers.calls) == Phase.CLOSING) {
                layers.teardown.closed(layers.calls); // both sides close: the Close that crossed it is not answered
            } else {
                layers.teardown.begin(0);
            }
            wire.needsTime();
        } else {
            over(Ending.of(Ending.Kind.ABORTED_BY_PEER, "the other side reset the connection"));
            transport.close();
        }
    }

    private boolean saidGoodbye() {
        return layers.teardown.phase(layers.calls) == Phase.CLOSED;
    }

    @Override
    public void writeOut() {
        wire.writeOut(written -> {
            if (written) {
                layers.teardown.drained(layers.frames);
            }
        });
    }

    @Override
    public void halfClose() {
        transport.halfClose();
        layers.teardown.closed(layers.frames);
    }

    @Override
    public void readToEnd() {
        // Without a half close the other side sees no end before this side closes; its reset was its last byte.
        if (inputEnded || (peerReset && !transport.canHalfClose())) {
            layers.teardown.drained(layers.bytes);
        }
    }

    @Override
    public void closeChannel() {
        transport.close();
    }

    @Override
    public void onPhase(Teardown.Layer layer, Phase phase, long nanos) {
        wire.entered(layer.name(), phase, nanos);
    }

    /** Where the connection is. */
    Phase phase() {
        return layers.teardown.phase();
    }

    @Override
    public void onEnd(Teardown.@Nullable Layer late, boolean clean) {
        if (ending != null) {
            return;
        }
        if (clean) {
            ending = Ending.of(Ending.Kind.CLEAN, "both sides said goodbye");
        } else if (late != null) {
            Ending silent = Ending.of(
                    Ending.Kind.SILENT, "layer " + late.name() + ": late (expected: within " + settings.close() + ")");
            ending = silent;
            wire.lost(silent);
            transport.close();
        }
    }

    // ---- what breaks

    /** Nothing more will come; what has come may still be under way. */
    void inputEnds() {
        inputEnded = true;
    }

    /** All that came has been taken, and nothing more will come. */
    void endOfInput(@Nullable String cut) {
        if (over) {
            return;
        }
        if (ending != null) {
            transport.close();
        } else if (saidGoodbye()) {
            layers.teardown.closed(layers.messages); // the end is as good as the reset
            layers.teardown.drained(layers.bytes);
        } else {
            lose("the byte stream ended without a goodbye" + (cut == null ? "" : ", amid a " + cut), null);
        }
    }

    void broke(Throwable thrown) {
        Throwable cause = StreamFault.of(thrown);
        if (ending == null && saidGoodbye()) {
            LOG.debug("{} broke after its goodbyes", connection, cause); // the original leaves bytes unread
            transport.close();
        } else {
            lose("the byte stream broke: " + StreamFault.text(cause), cause);
        }
    }

    private void lose(String detail, @Nullable Throwable cause) {
        if (ending == null) {
            over(new Ending(Ending.Kind.LOST, detail, cause));
        }
        transport.close();
    }

    void abort(String reason) {
        if (ending == null && !over) {
            over(Ending.of(Ending.Kind.ABORTED, reason));
            if (transport.isActive()) {
                wire.out().reset();
                wire.flushNow();
            }
            transport.close();
        }
    }

    void fail(Ending how) {
        if (ending != null || over) {
            return;
        }
        over(how);
        if (!transport.isActive()) {
            transport.close();
            return;
        }
        wire.out().reset();
        leaveBy = transport.now() + settings.close().toNanos();
        wire.needsTime();
        wire.writeOut(written -> {
            transport.halfClose();
            if (inputEnded || !transport.canHalfClose()) {
                transport.close();
            } else {
                wire.later(wire::endTurn);
            }
        });
    }

    /** From here on nothing is expected and nothing is begun. */
    private void over(Ending how) {
        ending = how;
        layers.teardown.abort();
        wire.lost(how);
    }

    /** The channel is closed. */
    @Nullable Ending finish() {
        if (over) {
            return null;
        }
        if (layers.teardown.phase(layers.bytes) == Phase.CLOSING) {
            layers.teardown.closed(layers.bytes);
        } else if (ending == null && saidGoodbye()) {
            // Close was answered, so nothing is lost, whatever the other side did of the rest.
            layers.teardown.closed(layers.messages);
            layers.teardown.drained(layers.frames);
            layers.teardown.closed(layers.frames);
            layers.teardown.drained(layers.bytes);
            layers.teardown.closed(layers.bytes);
        }
        if (ending == null) {
            over(Ending.of(Ending.Kind.LOST, "the channel was closed"));
        }
        over = true;
        return ending;
    }
}
