package io.headgate.admin.internal;

import io.headgate.admin.internal.Answer.Event;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultHttpContent;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;
import reactor.netty.FutureMono;
import reactor.netty.http.server.HttpServerResponse;

/**
 * Writes server-sent events, each when the one before has been taken by the socket, so that a slow client is the business of who makes
 * them: no more than {@value #AHEAD} wait here. A comment now and then finds out whether the client is still there.
 */
public final class EventWriter {

    private static final int AHEAD = 8;
    private static final Event CLOSING = new Event("end", Map.of("reason", "closing"));
    private static final Event HEARTBEAT = new Event("", "");

    private final Duration heartbeat;
    private final Duration patience;
    private final Scheduler timer;
    private final Flights flights;

    /**
     * Writes for any number of clients.
     *
     * @param heartbeat how often a comment is written
     * @param patience how long a client may take nothing at all
     */
    public EventWriter(Duration heartbeat, Duration patience, Scheduler timer, Flights flights) {
        this.heartbeat = heartbeat;
        this.patience = patience;
        this.timer = timer;
        this.flights = flights;
    }

    Mono<Void> write(HttpServerResponse response, Flux<Event> events) {
        Channel channel = channel(response);
        Sinks.Empty<Void> over = Sinks.empty();
        Flux<Event> told = events.takeUntilOther(flights.closing())
                .concatWith(Mono.fromSupplier(() -> flights.isClosing() ? CLOSING : null))
                .publishOn(Schedulers.fromExecutor(channel.eventLoop()), AHEAD)
                .doOnTerminate(over::tryEmitEmpty);
        Flux<Event> beats = Flux.interval(heartbeat, timer)
                .onBackpressureDrop()
                .map(count -> HEARTBEAT)
                .takeUntilOther(over.asMono());
        return response.sendHeaders()
                .then()
                .thenMany(Flux.merge(1, told, beats).concatMap(event -> write(channel, event), 1))
                .then()
                .onErrorResume(TimeoutException.class, stalled -> Mono.fromRunnable(channel::close));
    }

    private static Channel channel(HttpServerResponse response) {
        Channel[] found = new Channel[1];
        response.withConnection(connection -> found[0] = connection.channel());
        return found[0];
    }

    /** Reactor Netty writes a whole stream, of which it asks for many in advance, or one thing alone: so this is for Netty. */
    private Mono<Void> write(Channel channel, Event event) {
        return FutureMono.deferFuture(
                        () -> channel.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(bytes(event)))))
                .timeout(patience, timer);
    }

    private static byte[] bytes(Event event) {
        String text = event == HEARTBEAT
                ? ": still here\n\n"
                : "event: " + event.name() + "\ndata: " + Json.text(event.data()) + "\n\n";
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
