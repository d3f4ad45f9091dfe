package io.headgate.rpc.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.Service;
import io.headgate.Service.Status;
import io.headgate.balance.Balancer;
import io.headgate.balance.BalancerSettings;
import io.headgate.http.Body;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Resolver;
import io.headgate.retry.BudgetSettings;
import io.headgate.retry.Retry;
import io.headgate.retry.RetryBudget;
import io.headgate.retry.RetryPolicy;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

class RpcPoolTest {

    private static final Endpoint ENDPOINT = Endpoint.of("a", 1);

    private final Calls calls = new Calls();
    private final RpcHttp bridge = RpcHttp.create();
    private final List<Client> clients = new ArrayList<>();

    /** One connection, as far as a pool sees it. */
    private final class Client implements Service<RpcRequest, RpcReply> {

        private final Endpoint endpoint;
        private Status status = Status.OPEN;
        private int called;
        private int closes;

        Client(Endpoint endpoint) {
            this.endpoint = endpoint;
            clients.add(this);
        }

        @Override
        public Mono<RpcReply> call(RpcRequest request) {
            return Mono.defer(() -> {
                called++;
                if (status == Status.OPEN) {
                    return calls.echo().call(request);
                }
                request.body().discard();
                return Mono.error(RpcException.refused(RpcStatus.UNAVAILABLE, endpoint + ": no connection"));
            });
        }

        @Override
        public Status status() {
            return status;
        }

        @Override
        public Mono<Void> closeAsync(Duration grace) {
            return Mono.fromRunnable(() -> {
                closes++;
                status = Status.CLOSED;
            });
        }
    }

    @AfterEach
    void releaseEverything() {
        calls.assertNoLeaks();
    }

    private void call(Service<RpcRequest, RpcReply> service) {
        RpcReply reply =
                service.call(calls.call("S/m", Content.JSON, calls.one("1"))).block();
        assertThat(Calls.elements(reply.body())).containsExactly("1");
    }

    @Test
    void callsGoOverTheConnectionsInTurnPastThoseThatTakeNone() {
        Service<RpcRequest, RpcReply> service =
                RpcPool.of(bridge, Client::new).withConnections(3).calls(ENDPOINT);
        for (int i = 0; i < 6; i++) {
            call(service);
        }
        assertThat(clients).extracting(client -> client.called).containsExactly(2, 2, 2);
        clients.get(1).status = Status.BUSY;
        for (int i = 0; i < 6; i++) {
            call(service);
        }
        assertThat(clients.get(1).called).isEqualTo(2);
        assertThat(service.status()).isEqualTo(Status.OPEN);
    }

    @Test
    void anEndpointIsAsReadyAsItsBestConnection() {
        Service<RpcRequest, RpcReply> service =
                RpcPool.of(bridge, Client::new).withConnections(2).calls(ENDPOINT);
        clients.get(0).status = Status.CLOSED;
        clients.get(1).status = Status.BUSY;
        assertThat(service.status()).isEqualTo(Status.BUSY);
        assertThatThrownBy(() -> service.call(calls.call("S/m", Content.NONE, Body.empty()))
                        .block())
                .hasMessageContaining("no connection");
        clients.get(1).status = Status.CLOSED;
        assertThat(service.status()).isEqualTo(Status.CLOSED);
        service.closeAsync(Duration.ZERO).block();
        assertThat(clients).extracting(client -> client.closes).containsExactly(1, 1);
    }

    @Test
    void oneConnectionIsTheClientItself() {
        assertThat(RpcPool.of(bridge, Client::new).calls(ENDPOINT)).isSameAs(clients.get(0));
        assertThatThrownBy(() -> RpcPool.of(bridge, Client::new).withConnections(0))
                .hasMessage("connections: 0 (expected: 1..1024)");
    }

    @Test
    void aBalancerPassesOverEndpointsWithoutConnectionAndARetryLeavesThem() {
        RpcPool pool = RpcPool.of(bridge, Client::new);
        Balancer balancer = Balancer.create(
                Resolver.fixed(Endpoint.of("a", 1), Endpoint.of("b", 1)).resolve("any"),
                pool,
                BalancerSettings.DEFAULTS);
        Retry retry = Retry.of(RetryPolicy.DEFAULTS, RetryBudget.of(BudgetSettings.DEFAULTS));
        Service<RpcRequest, RpcReply> service = bridge.through(retry.wrap(balancer));
        clients.get(0).status = Status.BUSY;
        for (int i = 0; i < 10; i++) {
            call(service);
        }
        assertThat(clients).extracting(client -> client.called).containsExactly(0, 10);
        service.closeAsync(Duration.ZERO).block();
        assertThat(clients).extracting(client -> client.closes).containsExactly(1, 1);
    }
}
