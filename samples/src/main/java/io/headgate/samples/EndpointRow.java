package io.headgate.samples;

import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.http.CallWatch;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** What is known of an endpoint, from its first appearance on: a line of the table. */
final class EndpointRow {

    /** What an endpoint is for the balancer. */
    enum State {
        /** In the set, and takes calls. */
        READY,
        /** In the set, but its breaker is open or it cannot be connected to. */
        FAILING,
        /** Not in the set any more, with calls that have not ended. */
        DRAINING,
        /** Not in the set any more, and closed. */
        GONE
    }

    private final String name;
    private final CallFigures figures = new CallFigures();
    private final Runnable changed;
    private boolean present;
    private int open; // services that are not closed
    private @Nullable Service<HttpExchange, HttpReply> service;
    private State shown = State.GONE;

    EndpointRow(String name, Runnable changed) {
        this.name = name;
        this.changed = changed;
    }

    String name() {
        return name;
    }

    CallFigures figures() {
        return figures;
    }

    synchronized State state() {
        if (!present) {
            return open > 0 ? State.DRAINING : State.GONE;
        }
        Service<HttpExchange, HttpReply> current = service;
        return current != null && current.status() == Service.Status.BUSY ? State.FAILING : State.READY;
    }

    /** The state that was shown last, when there is another one now. */
    synchronized @Nullable State showChange() {
        State before = shown;
        shown = state();
        return before == shown ? null : before;
    }

    void present(boolean isPresent) {
        synchronized (this) {
            present = isPresent;
        }
        changed.run();
    }

    /** The service of the endpoint as the balancer gets it: its calls are counted, and so is its end. */
    Service<HttpExchange, HttpReply> open(Service<HttpExchange, HttpReply> below) {
        Service<HttpExchange, HttpReply> counted =
                CallWatch.stage(figures::watch).wrap(below);
        Service<HttpExchange, HttpReply> opened = new Opened(counted);
        synchronized (this) {
            open++;
            service = opened;
        }
        return opened;
    }

    private void closed() {
        synchronized (this) {
            open--;
        }
        changed.run();
    }

    private final class Opened extends Layer<HttpExchange, HttpReply> {

        private final Service<HttpExchange, HttpReply> next;
        private final AtomicBoolean isClosed = new AtomicBoolean();

        Opened(Service<HttpExchange, HttpReply> next) {
            super("row", next);
            this.next = next;
        }

        @Override
        public Mono<HttpReply> call(HttpExchange exchange) {
            return next.call(exchange);
        }

        @Override
        public Mono<Void> closeAsync(Duration grace) {
            return super.closeAsync(grace).doFinally(end -> {
                if (isClosed.compareAndSet(false, true)) {
                    closed();
                }
            });
        }
    }
}
