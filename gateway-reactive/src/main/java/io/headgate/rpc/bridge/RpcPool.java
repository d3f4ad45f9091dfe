package io.headgate.rpc.bridge;

import io.headgate.Service;
import io.headgate.ServiceFactory;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.TlsName;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.net.RpcAddress;
import io.headgate.rpc.net.RpcClient;
import io.headgate.rpc.net.RpcClientSpec;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Makes the service of an endpoint that speaks the framed RPC: what a balancer needs to spread calls over a resolution.
 *
 * <pre>{@code
 * RpcHttp bridge = RpcHttp.create();
 * RpcPool pool = RpcPool.connecting(bridge, address -> RpcClientSpec.of(address, HeadgateWire.DIALECT));
 * Balancer balancer = Balancer.create(resolver.resolve("files:7000"), pool, BalancerSettings.DEFAULTS);
 * Service<RpcRequest, RpcReply> files = bridge.through(retry.wrap(balancer));
 * }</pre>
 *
 * <p>Each endpoint has one connection, which all calls share, or as many as {@link #withConnections} says. They are made when calls need
 * them and made again when they are lost, with the pauses that the client takes; during a pause the endpoint is
 * {@linkplain Service.Status#BUSY busy}, and a balancer goes elsewhere. They end when the balancer closes the service of an endpoint that
 * has left: calls in flight may finish within its grace.
 *
 * <p>A call that was not sent because there is no connection fails with UNAVAILABLE and the trait RETRYABLE, so that a retry above the
 * balancer takes it elsewhere. One that was sent when its connection was lost fails with UNAVAILABLE alone: only its caller knows
 * whether it may be made again.
 *
 * <p><b>Threading.</b> Any. Immutable.
 */
public final class RpcPool implements ServiceFactory<Endpoint, HttpExchange, HttpReply> {

    private static final int MOST_CONNECTIONS = 1024;

    private final RpcHttp bridge;
    private final Function<? super Endpoint, ? extends Service<RpcRequest, RpcReply>> clients;
    private final int connections;

    private RpcPool(
            RpcHttp bridge,
            Function<? super Endpoint, ? extends Service<RpcRequest, RpcReply>> clients,
            int connections) {
        this.bridge = Objects.requireNonNull(bridge, "bridge");
        this.clients = Objects.requireNonNull(clients, "clients");
        this.connections = connections;
    }

    /**
     * One connection for each endpoint.
     *
     * @param bridge the one that calls go {@linkplain RpcHttp#through through} the balancer by
     * @param clients makes a client of one connection, which connects when it is called and again when it has lost the connection; the
     *     pool closes it
     * @return the pool
     */
    public static RpcPool of(
            RpcHttp bridge, Function<? super Endpoint, ? extends Service<RpcRequest, RpcReply>> clients) {
        return new RpcPool(bridge, clients, 1);
    }

    /**
     * One connection for each endpoint, by TCP, or by TLS when the endpoint has an identity to prove.
     *
     * @param bridge the one that calls go {@linkplain RpcHttp#through through} the balancer by
     * @param specs says for an address what the client is to be; the server name is that of the endpoint
     * @return the pool; of endpoints whose identity is another one than their server name it throws, because clients cannot check it
     */
    public static RpcPool connecting(RpcHttp bridge, Function<? super RpcAddress, RpcClientSpec> specs) {
        Objects.requireNonNull(specs, "specs");
        return of(bridge, endpoint -> RpcClient.of(spec(endpoint, specs)));
    }

    private static RpcClientSpec spec(Endpoint endpoint, Function<? super RpcAddress, RpcClientSpec> specs) {
        String host = endpoint.address().getHostString();
        int port = endpoint.address().getPort();
        TlsName tls = endpoint.tls();
        if (tls == null) {
            return specs.apply(new RpcAddress(RpcAddress.Scheme.TCP, host, port));
        }
        if (!tls.identity().equals(tls.serverName())) {
            throw new IllegalArgumentException("identity: " + tls.identity() + " of " + endpoint
                    + " (expected: the server name, " + tls.serverName() + ")");
        }
        RpcClientSpec spec = specs.apply(new RpcAddress(RpcAddress.Scheme.TLS, host, port));
        return spec.withTls(spec.tls().withServerName(tls.serverName()));
    }

    /**
     * A copy with another number of connections: one goes through one event loop and one socket buffer, which bulk streams may fill.
     *
     * @param changed for each endpoint, 1 to 1,024
     * @return the copy
     */
    public RpcPool withConnections(int changed) {
        if (changed < 1 || changed > MOST_CONNECTIONS) {
            throw new IllegalArgumentException("connections: " + changed + " (expected: 1.." + MOST_CONNECTIONS + ")");
        }
        return new RpcPool(bridge, clients, changed);
    }

    @Override
    public Service<HttpExchange, HttpReply> create(Endpoint endpoint) {
        return bridge.toHttp(calls(endpoint));
    }

    /**
     * The same for who needs no stages for HTTP.
     *
     * @param endpoint where to connect to
     * @return a service with connections of its own, to be closed
     */
    public Service<RpcRequest, RpcReply> calls(Endpoint endpoint) {
        if (connections == 1) {
            return clients.apply(endpoint);
        }
        List<Service<RpcRequest, RpcReply>> all = Stream.generate(() -> endpoint)
                .limit(connections)
                .<Service<RpcRequest, RpcReply>>map(clients)
                .toList();
        return new Spread(endpoint, all);
    }

    @Override
    public String toString() {
        return "rpc-pool of " + connections + " for each endpoint";
    }
}
