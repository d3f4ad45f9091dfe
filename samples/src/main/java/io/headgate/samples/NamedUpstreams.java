package io.headgate.samples;

import io.headgate.gateway.Gateway;
import io.headgate.gateway.Listener;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Small servers with names of a letter, each a bit slower than the one before; what asks them to hold on is held until released. */
final class NamedUpstreams implements AutoCloseable {

    private static final Duration GRACE = Duration.ofSeconds(2);

    private final Gateway gateway = Gateway.create();
    private final Map<String, One> all = new LinkedHashMap<>();
    private final Sinks.Empty<Void> release = Sinks.empty();

    private record One(Listener listener, AtomicInteger held) {}

    static NamedUpstreams start(String... names) {
        NamedUpstreams upstreams = new NamedUpstreams();
        for (String name : names) {
            upstreams.open(name, Duration.ofMillis(2L * upstreams.all.size() + 1));
        }
        return upstreams;
    }

    private void open(String name, Duration pace) {
        AtomicInteger held = new AtomicInteger();
        Listener listener =
                Objects.requireNonNull(gateway.listen("127.0.0.1", 0, exchange -> answer(name, pace, held, exchange))
                        .block());
        all.put(name, new One(listener, held));
    }

    private Mono<HttpReply> answer(String name, Duration pace, AtomicInteger held, HttpExchange exchange) {
        exchange.body().discard();
        Mono<?> first = Mono.delay(pace);
        if (exchange.head().path().endsWith("/hold")) {
            first = release.asMono().doOnSubscribe(begun -> held.incrementAndGet());
        }
        return first.then(Mono.fromSupplier(
                () -> HttpReply.text(200, name + " answers " + exchange.head().target() + "\n")));
    }

    Endpoint endpoint(String name) {
        return Endpoint.of("127.0.0.1", address(name).getPort());
    }

    List<Endpoint> endpoints(String... names) {
        return Stream.of(names).map(this::endpoint).toList();
    }

    boolean has(String name) {
        return all.containsKey(name);
    }

    /** The name of the one at an address, or the address. */
    String name(InetSocketAddress address) {
        return all.keySet().stream()
                .filter(name -> address(name).getPort() == address.getPort())
                .findFirst()
                .orElse(address.toString());
    }

    private InetSocketAddress address(String name) {
        return Objects.requireNonNull(all.get(name), name).listener().address();
    }

    /** Whether one has a call that it holds. */
    boolean isHolding(String name) {
        return Objects.requireNonNull(all.get(name), name).held().get() > 0;
    }

    /** Lets calls that are held, and those that would be, have their answers. */
    void release() {
        release.tryEmitEmpty();
    }

    /** Ends one as its machine might: what it has begun is answered, nobody is told, and nobody listens any more. */
    void kill(String name) {
        Objects.requireNonNull(all.get(name), name).listener().drain(GRACE).blockLast();
    }

    @Override
    public void close() {
        gateway.closeAsync().block();
    }
}
