package io.headgate.balance;

import io.headgate.Service;
import io.headgate.ServiceFactory;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.resolve.Endpoint;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Services of endpoints that answer when the test says so. */
final class FakeEndpoints implements ServiceFactory<Endpoint, HttpExchange, HttpReply> {

    final List<Fake> made = new CopyOnWriteArrayList<>();
    private final Map<Integer, Fake> byPort = new ConcurrentHashMap<>();

    static HttpExchange get() {
        return HttpExchange.of(RequestHead.of("GET", "test.example", "/"), Body.empty());
    }

    static Endpoint endpoint(int port) {
        return Endpoint.of("127.0.0.1", port);
    }

    @Override
    public Service<HttpExchange, HttpReply> create(Endpoint endpoint) {
        Fake fake = new Fake(endpoint);
        made.add(fake);
        byPort.put(endpoint.address().getPort(), fake);
        return fake;
    }

    /** The latest service of an endpoint. */
    Fake at(int port) {
        return Objects.requireNonNull(byPort.get(port), () -> "no endpoint " + port);
    }

    List<Call> calls() {
        List<Call> all = new ArrayList<>();
        made.forEach(fake -> all.addAll(fake.calls));
        return all;
    }

    /** One call that has come. */
    static final class Call {
        final Sinks.One<HttpReply> reply = Sinks.one();
        final AtomicInteger cancelled = new AtomicInteger();
        final HttpExchange exchange;

        Call(HttpExchange exchange) {
            this.exchange = exchange;
        }

        void answer() {
            reply.tryEmitValue(HttpReply.of(200)).orThrow();
        }
    }

    /** The service of one endpoint. */
    static final class Fake implements Service<HttpExchange, HttpReply> {

        final Endpoint endpoint;
        final List<Call> calls = new CopyOnWriteArrayList<>();
        final List<Duration> closed = new CopyOnWriteArrayList<>();
        volatile Status status = Status.OPEN;
        volatile boolean busyAfterNext;

        Fake(Endpoint endpoint) {
            this.endpoint = endpoint;
        }

        @Override
        public Mono<HttpReply> call(HttpExchange exchange) {
            return Mono.defer(() -> {
                Call call = new Call(exchange);
                calls.add(call);
                if (busyAfterNext) {
                    status = Status.BUSY;
                }
                return call.reply.asMono().doOnCancel(call.cancelled::incrementAndGet);
            });
        }

        @Override
        public Status status() {
            return status;
        }

        @Override
        public Mono<Void> closeAsync(Duration grace) {
            return Mono.fromRunnable(() -> closed.add(grace));
        }

        Call only() {
            if (calls.size() != 1) {
                throw new AssertionError(endpoint + " has " + calls.size() + " calls");
            }
            return calls.get(0);
        }
    }
}
