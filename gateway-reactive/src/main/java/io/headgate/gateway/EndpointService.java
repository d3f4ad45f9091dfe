package io.headgate.gateway;

import io.headgate.Service;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.mux.MuxSettings;
import io.headgate.mux.internal.Loop;
import io.headgate.mux.internal.Pool;
import io.headgate.mux.internal.Target;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** The service of one endpoint. */
final class EndpointService implements Service<HttpExchange, HttpReply>, Target {

    private final EventLoops loops;
    private final EndpointPools pools;
    private final @Nullable String authority;
    private final Consumer<EndpointService> gone;
    private volatile boolean closed;

    /**
     * The service of an endpoint.
     *
     * @param authority what requests name instead of what they came with, or null
     * @param gone is told when it closes
     */
    EndpointService(EventLoops loops, EndpointPools pools, @Nullable String authority, Consumer<EndpointService> gone) {
        this.loops = loops;
        this.pools = pools;
        this.authority = authority;
        this.gone = gone;
    }

    @Override
    public Mono<HttpReply> call(HttpExchange exchange) {
        HttpExchange named =
                authority == null ? exchange : exchange.withHead(exchange.head().withAuthority(authority));
        return new UpstreamCall(this, loops, named);
    }

    @Override
    public Status status() {
        return closed ? Status.CLOSED : pools.status();
    }

    @Override
    public Mono<Void> closeAsync(Duration grace) {
        return pools.closeAsync(grace)
                .doOnSubscribe(subscribed -> closed = true)
                .doOnTerminate(() -> gone.accept(this));
    }

    // ---- as a target

    @Override
    public Pool pool(Loop loop, @Nullable Pool failed) {
        return pools.of(loop);
    }

    @Override
    public MuxSettings settings() {
        return pools.settings();
    }

    @Override
    public String toString() {
        return "endpoint " + pools;
    }
}
