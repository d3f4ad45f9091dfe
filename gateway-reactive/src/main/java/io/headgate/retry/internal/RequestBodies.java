package io.headgate.retry.internal;

import io.headgate.http.Body;
import io.headgate.http.HttpExchange;

/**
 * The body of a request for its attempts, of which there is one at a time. After {@link #settle} or {@link #drop} there are no more.
 * Attempts come one after another, on any thread; {@link #drop} may come at any time.
 */
public abstract class RequestBodies {

    private static final RequestBodies NONE = new NoBody();

    RequestBodies() {}

    /**
     * For a body.
     *
     * @param body takes ownership
     * @param maxBytes how much of it may be kept
     */
    public static RequestBodies of(Body body, int maxBytes) {
        if (body.isEmpty()) {
            return NONE;
        }
        return maxBytes == 0 || body.length() > maxBytes ? new HeldBody(body) : new ReplayBody(body, maxBytes);
    }

    /** The exchange for the first attempt. */
    public HttpExchange first(HttpExchange exchange) {
        return exchange.withBody(next());
    }

    /** The body for the next attempt; the one before has ended. */
    public abstract Body next();

    /** Whether another attempt could have the body. */
    public abstract boolean isRepeatable();

    /** Whether the body can be sent again only to whom has not begun to read it, which only what was not processed says. */
    public abstract boolean isOnlyForUnprocessed();

    /** Whether the last byte has come from the client. */
    public abstract boolean isWhole();

    /** The attempt that is under way is the last one; it goes on with its body. */
    public abstract void settle();

    /** There is no attempt any more. */
    public abstract void drop();

    private static final class NoBody extends RequestBodies {

        @Override
        public HttpExchange first(HttpExchange exchange) {
            return exchange;
        }

        @Override
        public Body next() {
            return Body.empty();
        }

        @Override
        public boolean isRepeatable() {
            return true;
        }

        @Override
        public boolean isOnlyForUnprocessed() {
            return false;
        }

        @Override
        public boolean isWhole() {
            return true;
        }

        @Override
        public void settle() {
            // nothing is held
        }

        @Override
        public void drop() {
            // nothing is held
        }
    }
}
