package io.headgate.samples.conformance;

import io.headgate.gateway.Gateway;
import io.headgate.gateway.Listener;
import java.util.Objects;

/**
 * The interop suite with two gateways in a row that speak HTTP/1.1 to each other: what crosses from HTTP/2 to HTTP/1.1 and
 * back must be gRPC again, with its streams in both directions at once, its trailers and its statuses.
 */
public class GrpcChainInteropTest extends GrpcInteropTest {

    @Override
    protected int startGateways(int serverPort) {
        int far = super.startGateways(serverPort);
        Gateway near = hold(Gateway.create());
        Listener listener = Objects.requireNonNull(near.listen("127.0.0.1", 0, near.upstream("http://127.0.0.1:" + far))
                .block());
        return listener.port();
    }
}
