package io.headgate.gateway;

import io.headgate.Service;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.mux.MuxSettings;
import io.headgate.mux.internal.Loop;
import io.headgate.mux.internal.Pool;
import io.headgate.mux.internal.Target;
import io.headgate.resolve.Endpoint;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The service at the end of a stack: sends exchanges to an upstream and returns its replies, both ways streaming.
 *
 * <p>With several endpoints the exchanges take turns; an exchange that no upstream can have processed goes to the next one
 * as long as its body is untouched, up to {@link MuxSettings#maxAttempts}. So does an idempotent one without a body (RFC 9110
 * section 9.2.2) when its connection is lost before a byte of its reply: each time when that was a kept one of HTTP/1.1, once
 * when not. Connections are shared by all clients of an event loop and kept open; see {@link MuxSettings} for bounds and
 * timeouts.
 *
 * <p><b>Threading.</b> An exchange of a gateway's listener stays on the event loop of its client when it comes on it or
 * from elsewhere; others are spread over the loops. Replies and their bodies come on that loop.
 *
 * <p><b>Cancellation.</b> Before the reply: an HTTP/2 stream is reset, an HTTP/1.1 connection closed, a wait for a
 * connection left. After it: the same by cancelling or discarding the body of the reply.
 *
 * <p><b>Ownership.</b> Takes the body of the request once subscribed; passes the body of the reply.
 *
 * <p><b>Errors.</b> {@link io.headgate.mux.UpstreamException}; what made the request body fail, when that came first.
 */
public final class Upstream implements Service<HttpExchange, HttpReply> {

    private final EventLoops loops;
    private final MuxSettings settings;
    private final List<EndpointPools> endpoints;
    private final Consumer<Upstream> closed;
    private final Target target = new Rotation();
    private final AtomicInteger turn = new AtomicInteger();

    Upstream(EventLoops loops, MuxSettings settings, List<EndpointPools> endpoints, Consumer<Upstream> closed) {
        this.loops = loops;
        this.settings = settings;
        this.endpoints = endpoints;
        this.closed = closed;
    }

    /**
     * Where exchanges go in turn.
     *
     * @return as the URLs say, in their order
     */
    public List<Endpoint> endpoints() {
        return endpoints.stream().map(EndpointPools::endpoint).toList();
    }

    @Override
    public Mono<HttpReply> call(HttpExchange exchange) {
        return new UpstreamCall(target, loops, exchange);
    }

    /**
     * Refuses new calls, lets those in flight finish within the grace, those that wait for a connection too, then cuts them;
     * closes all connections.
     *
     * @param grace how long calls in flight may take; zero cuts them at once
     * @return completes when no connection is left; each subscription closes
     */
    @Override
    public Mono<Void> closeAsync(Duration grace) {
        return Mono.when(endpoints.stream()
                        .map(endpoint -> endpoint.closeAsync(grace))
                        .toList())
                .doOnSubscribe(subscribed -> closed.accept(this));
    }

    @Override
    public String toString() {
        return "upstream " + endpoints;
    }

    /** Endpoints take turns. */
    private final class Rotation implements Target {

        @Override
        public Pool pool(Loop loop, @Nullable Pool failed) {
            if (endpoints.size() == 1) {
                return endpoints.get(0).of(loop);
            }
            int chosen = Math.floorMod(turn.getAndIncrement(), endpoints.size());
            Pool pool = endpoints.get(chosen).of(loop);
            return pool == failed
                    ? endpoints.get((chosen + 1) % endpoints.size()).of(loop)
                    : pool;
        }

        @Override
        public MuxSettings settings() {
            return settings;
        }
    }
}
