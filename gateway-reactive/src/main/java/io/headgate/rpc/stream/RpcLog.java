package io.headgate.rpc.stream;

import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcObserver;
import io.headgate.rpc.RpcStats;
import io.headgate.rpc.RpcStatus;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Logs what a connection does: how it opened and ended at INFO, an ending that was not clean and what stood still at WARN, calls and the layers at
 * DEBUG, frames at TRACE. Where the logger is off an event costs one look at its level and makes nothing.
 *
 * <p><b>Threading.</b> Logs on the event loop; use a logger whose appender does not block.
 */
public final class RpcLog implements RpcObserver {

    private final Logger log;

    private RpcLog(Logger log) {
        this.log = Objects.requireNonNull(log, "log");
    }

    /**
     * Logs to {@code io.headgate.rpc.connection}.
     *
     * @return the observer, for any number of connections
     */
    public static RpcLog create() {
        return new RpcLog(LoggerFactory.getLogger("io.headgate.rpc.connection"));
    }

    /**
     * Logs to a logger.
     *
     * @param log the logger
     * @return the observer, for any number of connections
     */
    public static RpcLog to(Logger log) {
        return new RpcLog(log);
    }

    @Override
    public void onFrame(RpcConnection connection, boolean inbound, String type, int stream, int length) {
        if (log.isTraceEnabled()) {
            log.trace("{} {} {} stream {}, {} bytes", name(connection), way(inbound), type, stream, length);
        }
    }

    @Override
    public void onCall(RpcConnection connection, boolean inbound, String endpoint) {
        if (log.isDebugEnabled()) {
            log.debug("{} {} {}", name(connection), way(inbound), line(endpoint));
        }
    }

    @Override
    public void onCallEnd(RpcConnection connection, boolean inbound, String endpoint, RpcStatus status, long nanos) {
        if (log.isDebugEnabled()) {
            log.debug("{} {} {}: {} after {}", name(connection), way(inbound), line(endpoint), status, time(nanos));
        }
    }

    @Override
    public void onPhase(RpcConnection connection, String layer, RpcStats.Phase phase, long nanos) {
        if (phase == RpcStats.Phase.OPEN && layer.equals("calls")) {
            if (log.isInfoEnabled()) {
                log.info("{} open after {}", name(connection), time(nanos));
            }
        } else if (log.isDebugEnabled()) {
            log.debug("{} {}: {} after {}", name(connection), layer, phase, time(nanos));
        }
    }

    @Override
    public void onEnd(RpcConnection connection, Ending ending) {
        if (ending.isClean()) {
            if (log.isInfoEnabled()) {
                log.info("{} ended: {}", name(connection), line(ending.detail()));
            }
        } else if (log.isWarnEnabled()) {
            log.warn(
                    "{} ended, {}: {}{}",
                    name(connection),
                    ending.kind(),
                    line(ending.detail()),
                    because(ending.cause()));
        }
    }

    @Override
    public void onStall(RpcConnection connection, int stream, @Nullable String endpoint, long nanos) {
        if (log.isWarnEnabled()) {
            String what = endpoint == null
                    ? "the peer was not heard of"
                    : line(endpoint) + ", stream " + stream + " stood still";
            log.warn("{} {} for {}", name(connection), what, time(nanos));
        }
    }

    @Override
    public String toString() {
        return "log to " + log.getName();
    }

    /** Tells connections from each other, also those without an address. */
    private static String name(RpcConnection connection) {
        Object peer = connection.remoteAddress();
        return (peer == null ? "in process" : peer) + "#" + Integer.toHexString(System.identityHashCode(connection));
    }

    private static String way(boolean inbound) {
        return inbound ? "<-" : "->";
    }

    private static String because(@Nullable Throwable cause) {
        return cause == null ? "" : " (" + line(cause.toString()) + ')';
    }

    /** The other side chooses names and reasons: it must not be able to begin lines of its own. */
    private static String line(String text) {
        if (text.chars().noneMatch(Character::isISOControl)) {
            return text;
        }
        StringBuilder line = new StringBuilder(text.length() + 16);
        for (char c : text.toCharArray()) {
            if (Character.isISOControl(c)) {
                line.append(String.format("\\u%04x", (int) c));
            } else {
                line.append(c);
            }
        }
        return line.toString();
    }

    private static String time(long nanos) {
        return TimeUnit.NANOSECONDS.toMicros(nanos) / 1000.0 + " ms";
    }
}
