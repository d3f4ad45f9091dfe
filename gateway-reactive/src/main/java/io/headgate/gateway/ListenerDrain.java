package io.headgate.gateway;

import io.headgate.mux.internal.Fronts;
import io.headgate.mux.internal.Loop;
import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/**
 * The way of one listener from open to gone: stops to accept, asks the clients to go elsewhere, ends what is left when the
 * grace is over. All but {@link #start}, what tells its {@link #progress} and {@link #hasStarted} runs on the event loop of the listening socket.
 */
final class ListenerDrain {

    /** The share of the grace that idle connections wait for one more request: the rest is for that request. */
    private static final int IDLE_SHARE = 4;

    /** What one event loop has told last. */
    private record Left(int connections, int exchanges, int cut) {}

    private final Channel server;
    private final Loop home;
    private final List<Loop> loops;
    private final List<Fronts> fronts;
    private final @Nullable Left[] left;
    private final Sinks.Many<DrainProgress> progress = Sinks.many().replay().latest();
    private volatile boolean started;
    private long startedAt;
    private volatile @Nullable DrainProgress told;
    private long endsAt;
    private boolean listening = true;
    private int silent; // event loops that have not told anything
    private boolean over; // the grace
    private @Nullable ScheduledFuture<?> end;

    /** For the connections of a listener; {@code fronts} are in the order of the loops. */
    ListenerDrain(Channel server, EventLoops loops, List<Fronts> fronts) {
        this.server = server;
        this.home = loops.of(server.eventLoop());
        this.loops = loops.loops();
        this.fronts = fronts;
        this.left = new Left[fronts.size()];
        this.silent = fronts.size();
    }

    /** Starts, or shortens the grace of what was started before. */
    void start(Duration grace) {
        if (!home.run(() -> begin(grace))) {
            progress.tryEmitComplete(); // the gateway is closed, and all its connections with it
        }
    }

    private void begin(Duration grace) {
        long now = System.nanoTime();
        if (!started) {
            startedAt = now;
            started = true;
            server.closeFuture().addListener(closed -> closed(grace));
            AcceptQueue.close(server);
            tell();
        } else if (endsAt - now <= grace.toNanos()) {
            return;
        }
        endsAt = now + grace.toNanos();
        if (end != null) {
            end.cancel(false);
        }
        end = home.executor().schedule(this::end, grace.toNanos(), TimeUnit.NANOSECONDS);
    }

    boolean hasStarted() {
        return started;
    }

    /** What was told last, but with what is left now: event loops tell with some delay. */
    DrainProgress progress(long connections, long exchanges) {
        DrainProgress last = told;
        if (last == null || !started) {
            return new DrainProgress(server.isOpen(), connections, exchanges, 0, Duration.ZERO);
        }
        Duration elapsed = connections == 0 && !last.listening() ? last.elapsed() : elapsed();
        return new DrainProgress(last.listening(), connections, exchanges, last.cut(), elapsed);
    }

    private Duration elapsed() {
        return Duration.ofNanos(Math.max(0, System.nanoTime() - startedAt));
    }

    Flux<DrainProgress> progress() {
        return progress.asFlux().onBackpressureLatest();
    }

    /** Only now, so that every connection that was accepted is in the hands of its event loop before it is asked. */
    private void closed(Duration grace) {
        listening = false;
        Duration patience = grace.dividedBy(IDLE_SHARE);
        for (int i = 0; i < fronts.size(); i++) {
            int index = i;
            loops.get(i)
                    .run(() -> fronts.get(index).drain(patience, (connections, exchanges, cut) -> {
                        Left told = new Left(connections, exchanges, cut);
                        home.run(() -> left(index, told));
                    }));
        }
        if (over) {
            end();
        }
    }

    private void end() {
        over = true;
        for (int i = 0; i < fronts.size(); i++) {
            loops.get(i).run(fronts.get(i)::end);
        }
    }

    private void left(int index, Left told) {
        if (left[index] == null) {
            silent--;
        }
        left[index] = told;
        DrainProgress now = tell();
        if (silent == 0 && now.isDrained()) {
            if (end != null) {
                end.cancel(false);
            }
            progress.tryEmitComplete();
        }
    }

    private DrainProgress tell() {
        DrainProgress now = new DrainProgress(listening, 0, 0, 0, elapsed());
        for (Left part : left) {
            if (part != null) {
                now = now.plus(
                        new DrainProgress(false, part.connections(), part.exchanges(), part.cut(), now.elapsed()));
            }
        }
        told = now;
        progress.tryEmitNext(now);
        return now;
    }
}
