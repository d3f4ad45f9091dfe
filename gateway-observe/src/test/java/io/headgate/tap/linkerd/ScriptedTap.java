package io.headgate.tap.linkerd;

import io.headgate.http.Fields;
import io.headgate.tap.TapEvent;
import io.headgate.tap.TapEvent.BodyData;
import io.headgate.tap.TapEvent.End;
import io.headgate.tap.TapEvent.Peers;
import io.headgate.tap.TapEvent.RequestInit;
import io.headgate.tap.TapEvent.ResponseEnd;
import io.headgate.tap.TapEvent.ResponseInit;
import io.headgate.tap.TapId;
import io.headgate.tap.TapPoint;
import io.headgate.tap.TapRequest;
import io.headgate.tap.TapSource;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import reactor.core.publisher.Flux;
import reactor.test.publisher.TestPublisher;

/** A source of taps that tells what a test says, whatever is asked for. */
final class ScriptedTap implements TapSource {

    static final TapId ID = new TapId(-2, 7);
    static final Peers PEERS = new Peers(
            TapPoint.OUTBOUND,
            new InetSocketAddress("10.0.0.1", 40000),
            Map.of("tls", "true", "client_id", "spiffe://root/web"),
            new InetSocketAddress("fe80:0:0:0:0:0:1:2", 8080),
            Map.of("zone", "b"),
            Map.of("route", "list"));

    final List<TapRequest> requests = new CopyOnWriteArrayList<>();
    private final TestPublisher<TapEvent> events = TestPublisher.create();

    @Override
    public Flux<TapEvent> observe(TapRequest request) {
        return Flux.defer(() -> {
            requests.add(request);
            return events.flux();
        });
    }

    TestPublisher<TapEvent> awaitObserver() {
        Awaitility.await().until(events::wasSubscribed);
        return events;
    }

    TapRequest request() {
        awaitObserver();
        return requests.get(requests.size() - 1);
    }

    // ---- an exchange

    static RequestInit requestInit() {
        return new RequestInit(
                ID,
                PEERS,
                "GET",
                "https",
                "orders:8080",
                "/orders?page=2",
                Fields.of("accept", "*/*", "x-tenant", "caf\u00e9"));
    }

    static ResponseInit responseInit() {
        return new ResponseInit(ID, PEERS, 1_500_000_042L, 200, Fields.of("content-type", "application/json"));
    }

    static ResponseEnd responseEnd(End end) {
        return new ResponseEnd(
                ID, PEERS, 2_000_000_000L, 499_999_958L, 12, 3_000_000_000L, end, Fields.of("x-sum", "1"));
    }

    static BodyData bodyData() {
        return new BodyData(ID, PEERS, true, 5, "hello".getBytes(StandardCharsets.UTF_8), true);
    }
}
