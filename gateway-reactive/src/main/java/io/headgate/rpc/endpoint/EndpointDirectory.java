package io.headgate.rpc.endpoint;

import java.util.List;
import reactor.core.publisher.Mono;

/** What every {@link Endpoints} answers beside its own endpoints, so that a client can ask what there is. */
@EndpointName("headgate")
public interface EndpointDirectory {

    /**
     * All endpoints but this one.
     *
     * @return the signatures in the order of their names
     */
    Mono<List<EndpointInfo>> endpoints();
}
