package io.headgate.tap;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Attributes;
import io.headgate.Deadline;
import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.profile.RouteLabels;
import io.headgate.resolve.Endpoint;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.bridge.RpcHttp;
import io.headgate.tap.TapEvent.RequestInit;
import io.headgate.tap.TapEvent.ResponseEnd;
import io.headgate.tap.TapEvent.ResponseInit;
import io.headgate.test.LeakTrackingAllocator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Calls of the framed RPC as a tap shows them. */
class TapOnCallsTest {

    private static final Endpoint ENDPOINT = Endpoint.of("10.1.2.3", 7000);

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final Tap tap = Taps.direct(new AtomicLong(1_000));
    private final RpcHttp bridge = RpcHttp.create();

    @AfterEach
    void nothingIsLeft() {
        allocator.assertNoLeaks();
    }

    private Service<RpcRequest, RpcReply> tapped(Service<RpcRequest, RpcReply> calls) {
        return bridge.stage(tap.stage(TapPoint.to(ENDPOINT))).wrap(calls);
    }

    private RpcRequest request(String endpoint) {
        return new RpcRequest(
                endpoint,
                Fields.of("x-id", "7"),
                Content.JSON,
                Content.JSON,
                Body.of(Flux.just("1", "22").map(allocator::utf8)),
                Deadline.NONE,
                Attributes.EMPTY.with(RouteLabels.KEY, RouteLabels.of(Map.of("route", "list files"))));
    }

    @Test
    void aCallIsSeenWithItsEndpointItsRouteAndItsBytes() {
        Observer observer = Observer.of(tap, Taps.EVERYTHING.withHeaders(TapHeaders.SHOWN));
        List<Integer> sizes = tapped(call -> Mono.just(RpcReply.of(call.content(), call.body())))
                .call(request("Files/list"))
                .flatMapMany(RpcReply::body)
                .map(element -> {
                    int size = element.readableBytes();
                    element.release();
                    return size;
                })
                .collectList()
                .block();
        assertThat(sizes).containsExactly(1, 2);
        RequestInit begin = observer.only(RequestInit.class);
        assertThat(begin.path()).isEqualTo("/Files/list");
        assertThat(begin.headers().get("x-id")).isEqualTo("7");
        assertThat(begin.peers().routeLabels()).containsEntry("route", "list files");
        assertThat(begin.peers().destination()).isEqualTo(ENDPOINT.address());
        assertThat(observer.only(ResponseInit.class).status()).isEqualTo(200);
        assertThat(observer.only(ResponseEnd.class).responseBytes()).isEqualTo(3);
    }

    @Test
    void aFailedCallIsSeenAsSuch() {
        Observer observer = Observer.of(tap, Taps.EVERYTHING);
        tapped(call -> {
                    call.body().discard();
                    return Mono.error(RpcException.of(RpcStatus.UNAVAILABLE, "gone"));
                })
                .call(request("Files/list"))
                .onErrorComplete()
                .block();
        assertThat(observer.only(RequestInit.class).path()).isEqualTo("/Files/list");
        assertThat(observer.only(ResponseEnd.class).end()).isEqualTo(new TapEvent.End.Failed("rpc(UNAVAILABLE)", -1));
    }
}
