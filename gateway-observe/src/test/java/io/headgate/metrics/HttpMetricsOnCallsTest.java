package io.headgate.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.balance.Balancer;
import io.headgate.balance.BalancerSettings;
import io.headgate.http.Body;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Resolver;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.bridge.RpcHttp;
import io.headgate.rpc.bridge.RpcPool;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Calls of the framed RPC as the metrics of endpoints show them, below a balancer. */
class HttpMetricsOnCallsTest {

    @Test
    void callsAreMeasuredByEndpointAndFailuresByStatus() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        RpcHttp bridge = RpcHttp.create();
        try (HttpMetrics metrics = HttpMetrics.of(registry)) {
            RpcPool pool = RpcPool.of(
                    bridge,
                    endpoint -> request -> request.endpoint().equals("Files/list")
                            ? Mono.just(RpcReply.of(Content.NONE, Body.empty()))
                            : Mono.error(RpcException.of(RpcStatus.DATA_LOSS, "cut")));
            Balancer balancer = Balancer.create(
                    Resolver.fixed(Endpoint.of("10.1.2.3", 7000)).resolve("files"),
                    endpoint -> metrics.stageFor(endpoint).wrap(pool.create(endpoint)),
                    BalancerSettings.DEFAULTS);
            Service<RpcRequest, RpcReply> files = bridge.through(balancer);
            for (String endpoint : new String[] {"Files/list", "Files/read", "Files/read"}) {
                files.call(RpcRequest.of(endpoint, Content.NONE, Content.JSON, Body.empty()))
                        .flatMapMany(RpcReply::body)
                        .onErrorComplete()
                        .blockLast();
            }
            assertThat(registry.get("http.client.request.duration")
                            .tags("server.address", "10.1.2.3", "http.response.status_code", "200")
                            .timers())
                    .extracting(Timer::count)
                    .containsExactly(1L);
            assertThat(registry.get("http.client.request.duration")
                            .tags("server.address", "10.1.2.3", "error.type", "rpc(DATA_LOSS)")
                            .timers())
                    .extracting(Timer::count)
                    .containsExactly(2L);
            files.closeAsync(Duration.ZERO).block();
        }
    }
}
