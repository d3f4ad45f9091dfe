package io.headgate.gateway;

import io.headgate.Service;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** The way of a gateway from open to gone: first the clients, then the upstreams, which they may need, then the loops. */
final class GatewayDrain {

    private final Set<Listener> listeners;
    private final Set<Service<HttpExchange, HttpReply>> upstreams;
    private final Supplier<Mono<Void>> shutdown;
    private final Sinks.Many<DrainProgress> progress = Sinks.many().replay().latest();
    private volatile boolean started;
    private volatile long endsAt;
    private volatile List<Service<HttpExchange, HttpReply>> closing = List.of();

    GatewayDrain(
            Set<Listener> listeners, Set<Service<HttpExchange, HttpReply>> upstreams, Supplier<Mono<Void>> shutdown) {
        this.listeners = listeners;
        this.upstreams = upstreams;
        this.shutdown = shutdown;
    }

    boolean hasStarted() {
        return started;
    }

    Flux<DrainProgress> progress() {
        return progress.asFlux().onBackpressureLatest();
    }

    /** Starts, or shortens the grace of what was started before. */
    void start(Duration grace) {
        if (begin(System.nanoTime() + grace.toNanos())) {
            clients(grace)
                    .concatWith(Mono.defer(this::upstreams).then(Mono.empty()))
                    .concatWith(Mono.defer(shutdown).then(Mono.empty()))
                    .subscribe(progress::tryEmitNext, progress::tryEmitError, progress::tryEmitComplete);
            return;
        }
        listeners.forEach(listener -> listener.drain(grace).subscribe());
        closing.forEach(upstream -> upstream.closeAsync(grace).subscribe());
    }

    private synchronized boolean begin(long end) {
        boolean first = !started;
        if (first || end - endsAt < 0) {
            endsAt = end;
        }
        started = true;
        return first;
    }

    private Flux<DrainProgress> clients(Duration grace) {
        List<Flux<DrainProgress>> all =
                listeners.stream().map(listener -> listener.drain(grace)).toList();
        return all.isEmpty()
                ? Flux.just(DrainProgress.NOTHING_LEFT)
                : Flux.combineLatest(
                        all,
                        parts -> Stream.of(parts)
                                .map(DrainProgress.class::cast)
                                .reduce(DrainProgress.NOTHING_LEFT, DrainProgress::plus));
    }

    private Mono<Void> upstreams() {
        closing = List.copyOf(upstreams);
        Duration left = Duration.ofNanos(Math.max(0, endsAt - System.nanoTime()));
        return Mono.when(
                closing.stream().map(upstream -> upstream.closeAsync(left)).toList());
    }
}
