package io.headgate.mux.fuzz;

import io.headgate.GatewayException;
import io.headgate.http.ExchangeObserver;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.Outcome;
import io.headgate.mux.ErrorResponder;
import io.headgate.mux.MuxSettings;
import io.headgate.mux.internal.FrontContext;
import io.headgate.mux.internal.Fronts;
import io.headgate.mux.internal.Loop;
import io.headgate.mux.internal.Pool;
import io.headgate.mux.internal.Target;
import io.headgate.mux.internal.h1.H1Back;
import io.headgate.mux.internal.h2.H2Back;
import io.netty.util.concurrent.MockTicker;
import io.netty.util.concurrent.Ticker;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One run: an event loop without a thread, a clock that moves when told, connections without a network, and the checks that
 * hold at the end of every run whatever came in.
 */
final class Bench implements Target {

    /** Small bounds, so that small inputs reach them; time is the bench's own. */
    static final MuxSettings SETTINGS = MuxSettings.builder()
            .maxLineBytes(512)
            .maxHeadBytes(1024)
            .maxFields(16)
            .maxStreams(4)
            .bodyBuffer(1024)
            .streamWindow(65535)
            .maxPending(4)
            .maxAttempts(2)
            .build();

    /** What the observer was told of one exchange. */
    static final class Seen implements ExchangeObserver {

        final HttpExchange exchange;
        final List<Outcome> ends = new ArrayList<>(1);

        Seen(HttpExchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public void onEnd(Outcome outcome, @Nullable Throwable cause) {
            ends.add(outcome);
        }
    }

    final Script script;
    final CountingAllocator allocator = new CountingAllocator();
    final MockTicker clock = Ticker.newMockTicker();
    final List<Wire> upstreams = new ArrayList<>();
    final List<Seen> seen = new ArrayList<>();
    final Pool pool;
    private final Wire first;
    private final Loop loop;
    private final Protocol protocol;
    private final ArrayDeque<Runnable> later = new ArrayDeque<>();
    private @Nullable AssertionError violation;

    /** What upstreams speak. */
    enum Protocol {
        HTTP_1,
        HTTP_2
    }

    Bench(Script script, Protocol upstreamProtocol) {
        Tripwire.INSTANCE.reset();
        clock.advance(1, TimeUnit.SECONDS);
        this.script = script;
        this.protocol = upstreamProtocol;
        this.first = new Wire(allocator, clock);
        this.loop = new Loop(0, first.eventLoop(), SETTINGS.tick());
        this.pool = new Pool(loop, SETTINGS, this::dial, 2, upstreamProtocol == Protocol.HTTP_2 ? 100 : 1);
    }

    Loop loop() {
        return loop;
    }

    /** The connection whose event loop is the loop of this bench. */
    Wire firstWire() {
        return first;
    }

    FrontContext context(ScriptedService service) {
        ErrorResponder responder =
                (error, head) -> HttpReply.text(error instanceof GatewayException known ? known.status() : 500, "no");
        ExchangeObserver.Factory observers = exchange -> {
            Seen one = new Seen(exchange);
            seen.add(one);
            return one;
        };
        return new FrontContext(loop, new Fronts(loop, SETTINGS.linger()), service, responder, observers, SETTINGS);
    }

    /** Something is wrong; told at the end, because what throws now may be caught by somebody. */
    void violated(AssertionError error) {
        if (violation == null) {
            violation = error;
        }
    }

    // ---- upstream

    private void dial(Pool from) {
        later.add(() -> {
            if (script.next() == 255) {
                from.dialFailed(new IOException("connection refused"));
                return;
            }
            Wire wire = new Wire(allocator, clock);
            upstreams.add(wire);
            if (protocol == Protocol.HTTP_1) {
                from.connected(H1Back.install(wire.pipeline(), from));
            } else {
                awaitSettings(wire, from);
            }
        });
    }

    private static void awaitSettings(Wire wire, Pool from) {
        H2Back[] connection = new H2Back[1];
        boolean[] done = new boolean[1];
        connection[0] = H2Back.install(wire.pipeline(), from, () -> {
            done[0] = true;
            from.connected(connection[0]);
        });
        wire.closeFuture().addListener(closed -> {
            if (!done[0]) {
                done[0] = true;
                from.dialFailed(new IOException("closed before its SETTINGS"));
            }
        });
    }

    @Override
    public Pool pool(Loop current, @Nullable Pool failed) {
        return pool;
    }

    @Override
    public MuxSettings settings() {
        return SETTINGS;
    }

    // ---- turns

    /** Does something when the present turn is over. */
    void later(Runnable task) {
        later.add(task);
    }

    /** Lets everybody do what is due. */
    void turn() {
        for (int i = 0; i < 4; i++) {
            first.turn();
            for (int u = 0; u < upstreams.size(); u++) { // by index: a turn may dial
                upstreams.get(u).turn();
            }
            Runnable task = later.poll();
            if (task == null && i > 0) {
                break;
            }
            if (task != null) {
                task.run();
            }
        }
        first.turn();
    }

    void advance(long millis) {
        clock.advance(millis, TimeUnit.MILLISECONDS);
        turn();
    }

    // ---- the end

    /** Closes everything and checks that nothing is left of it. */
    void end() {
        while (!later.isEmpty()) {
            turn();
        }
        first.end();
        turn();
        pool.drain(() -> {});
        pool.cut();
        upstreams.forEach(Wire::end);
        while (!later.isEmpty()) {
            turn();
        }
        upstreams.forEach(Wire::end);
        first.end();
        check();
    }

    private void check() {
        if (violation != null) {
            throw violation;
        }
        Tripwire.INSTANCE.assertUntouched();
        for (Seen one : seen) {
            if (one.ends.size() != 1) {
                throw new AssertionError("outcomes of " + one.exchange + ": " + one.ends + " (expected: exactly one)");
            }
        }
        gauge("client exchanges", loop.frontExchanges.get());
        gauge("upstream exchanges", loop.backExchanges.get());
        gauge("upstream connections", loop.backConnections.get());
        gauge("waiting exchanges", loop.pending.get());
        allocator.assertNoneLeft();
    }

    private static void gauge(String name, long value) {
        if (value != 0) {
            throw new AssertionError(name + ": " + value + " (expected: 0)");
        }
    }
}
