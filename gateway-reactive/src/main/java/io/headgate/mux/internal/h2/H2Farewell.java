package io.headgate.mux.internal.h2;

import io.headgate.mux.internal.FrontContext;
import io.headgate.mux.internal.Ticker;
import java.time.Duration;

/**
 * How a client connection ends without losing a request (RFC 9113 section 6.8): a first GOAWAY asks the client to open no
 * more streams and promises to serve those that are on their way; when they must have come, which a PING tells, a second
 * one says which stream was the last; when all have ended, the sending half is closed.
 */
final class H2Farewell {

    /** How long the answer to the PING may take. */
    private static final Duration ROUND_TRIP = Duration.ofSeconds(1);

    private static final int ANY_STREAM = Integer.MAX_VALUE;
    private static final long PING = 0x6865616467617465L; // "headgate"

    private enum Step {
        NONE,
        /** The first GOAWAY is out; streams are served as ever. */
        ANNOUNCED,
        /** The second one is out; later streams are refused. */
        LEAVING,
        /** The sending half is closed, the client has not closed yet. */
        LINGERING
    }

    private final FrontContext context;
    private final H2Connection connection;
    private Step step = Step.NONE;
    private long since; // when this step began

    H2Farewell(FrontContext context, H2Connection connection) {
        this.context = context;
        this.connection = connection;
    }

    /** Begins, if it has not begun. */
    void announce() {
        if (step == Step.NONE) {
            enter(Step.ANNOUNCED);
            connection.goAway(ANY_STREAM);
            connection.ping(PING);
        }
    }

    void pingAcked(long data) {
        if (step == Step.ANNOUNCED && data == PING) {
            leave();
        }
    }

    /** Takes no more streams; closes when those that are there have ended. */
    void leave() {
        if (step == Step.NONE || step == Step.ANNOUNCED) {
            enter(Step.LEAVING);
            connection.goAway(connection.connection().remote().lastStreamCreated());
            streamClosed();
        }
    }

    void streamClosed() {
        if (step == Step.LEAVING) {
            context.loop().executor().execute(this::closeIfEmpty); // not while the connection is at work on its streams
        }
    }

    private void closeIfEmpty() {
        if (step == Step.LEAVING && connection.connection().numActiveStreams() == 0) {
            enter(Step.LINGERING);
            connection.shutdownOutput();
        }
    }

    private void enter(Step next) {
        step = next;
        since = context.loop().ticker().now();
    }

    void tick() {
        Ticker ticker = context.loop().ticker();
        if (step == Step.ANNOUNCED && ticker.isOver(since, ROUND_TRIP)) {
            leave();
        } else if (step == Step.LINGERING
                && ticker.isOver(since, context.settings().linger())) {
            connection.channel().close();
        }
    }
}
