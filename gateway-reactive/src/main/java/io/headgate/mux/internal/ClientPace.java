package io.headgate.mux.internal;

import io.headgate.mux.MuxSettings;
import java.time.Duration;

/**
 * How fast the client of an exchange takes the reply and gives the request. A part of the exchange, and its superclass because an
 * exchange is one object. Times are those of the ticker.
 */
abstract class ClientPace {

    private int unsent; // bytes of the reply that the client has not taken
    private long lastMove; // when bytes last moved
    private long takingSince; // when the client began to be watched for how fast it takes what waits
    private long taken; // how much it has taken since
    private long givingSince; // when it began to be watched for how fast it sends its body
    private long given;

    final void begin(long now) {
        lastMove = now;
        givingSince = now;
    }

    /** Something moved that is not counted. */
    final void stir(long now) {
        lastMove = now;
    }

    /** So many bytes begin to wait for the client. */
    final void handOver(int bytes, long now) {
        if (unsent == 0) {
            takingSince = now; // nothing waited until now
            taken = 0;
        }
        unsent += bytes;
    }

    /** So many bytes wait no longer. */
    final void settle(int bytes) {
        unsent -= bytes;
    }

    /** The client has taken bytes of what waits, as far as can be told before they are settled. */
    final void take(int bytes, long now) {
        taken += bytes;
        lastMove = now;
    }

    /** The client has sent bytes. */
    final void give(int bytes, long now) {
        given += bytes;
        lastMove = now;
    }

    /** Whether bytes wait for the client. */
    protected final boolean isClientBehind() {
        return unsent > 0;
    }

    final boolean isIdle(Ticker ticker, Duration limit) {
        return ticker.isOver(lastMove, limit);
    }

    /** Whether a span is over in which too little of what waits was taken; then the next one begins. */
    final boolean tookTooLittle(Ticker ticker, MuxSettings settings) {
        if (!ticker.isOver(takingSince, settings.progress())) {
            return false;
        }
        boolean little = taken < settings.minProgress();
        takingSince = ticker.now();
        taken = 0;
        return little;
    }

    /** Whether a span is over in which too little of the body was sent; then the next one begins. */
    final boolean gaveTooLittle(Ticker ticker, MuxSettings settings) {
        if (!ticker.isOver(givingSince, settings.requestBody())) {
            return false;
        }
        boolean little = given < settings.minProgress();
        givingSince = ticker.now();
        given = 0;
        return little;
    }
}
