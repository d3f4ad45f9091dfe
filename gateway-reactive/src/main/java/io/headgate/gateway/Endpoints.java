package io.headgate.gateway;

import io.headgate.Service;
import io.headgate.ServiceFactory;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.mux.MuxSettings;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Protocol;
import io.headgate.tls.ClientTls;
import io.headgate.tls.internal.ClientContext;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.resolver.AddressResolverGroup;
import java.net.InetSocketAddress;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Makes pools and services of endpoints that are spoken to with the same settings; they share what is large. */
final class Endpoints implements ServiceFactory<Endpoint, HttpExchange, HttpReply> {

    private final EventLoops loops;
    private final AddressResolverGroup<InetSocketAddress> resolver;
    private final Set<Service<HttpExchange, HttpReply>> open;
    private final Set<EndpointPools> pools;
    private final MuxSettings settings;
    private final ClientContext.Shared tlsOfHttp1;
    private final ClientContext.Shared tlsOfHttp2;

    /**
     * Nothing is made yet.
     *
     * @param open where services are while they are open
     * @param pools where pools are until nothing is left in them
     */
    Endpoints(
            EventLoops loops,
            AddressResolverGroup<InetSocketAddress> resolver,
            Set<Service<HttpExchange, HttpReply>> open,
            Set<EndpointPools> pools,
            MuxSettings settings,
            ClientTls tls) {
        this.loops = loops;
        this.resolver = resolver;
        this.open = open;
        this.pools = pools;
        this.settings = settings;
        this.tlsOfHttp1 = new ClientContext.Shared(tls, ApplicationProtocolNames.HTTP_1_1);
        this.tlsOfHttp2 = new ClientContext.Shared(tls, ApplicationProtocolNames.HTTP_2);
    }

    /** A service that takes calls as long as its endpoint can be connected to. */
    @Override
    public Service<HttpExchange, HttpReply> create(Endpoint endpoint) {
        DialBackoff backoff = new DialBackoff(
                System::nanoTime, () -> ThreadLocalRandom.current().nextDouble());
        ClientContext tls = endpoint.tls() == null
                ? null
                : tls(endpoint).to(endpoint.tls(), endpoint.address().getPort());
        EndpointService service =
                new EndpointService(loops, pools(endpoint, tls, backoff), endpoint.authority(), open::remove);
        open.add(service);
        return service;
    }

    /** The pools of an endpoint that was given as a URL: dialled whenever there is an exchange. */
    EndpointPools ofUrl(Endpoint endpoint) {
        InetSocketAddress address = endpoint.address();
        ClientContext tls = endpoint.tls() == null
                ? null
                : tls(endpoint).toHost(endpoint.tls().serverName(), address.getPort());
        return pools(endpoint, tls, null);
    }

    private ClientContext.Shared tls(Endpoint endpoint) {
        return endpoint.protocol() == Protocol.HTTP_1 ? tlsOfHttp1 : tlsOfHttp2;
    }

    private EndpointPools pools(Endpoint endpoint, @Nullable ClientContext tls, @Nullable DialBackoff backoff) {
        EndpointPools made = new EndpointPools(endpoint, loops, settings, tls, resolver, backoff, pools::remove);
        pools.add(made);
        return made;
    }
}
