package io.headgate.samples.conformance;

import io.headgate.gateway.Gateway;
import io.headgate.gateway.Listener;
import java.util.Objects;

/**
 * The interop suite with three gateways in a row that speak HTTP/1.1 to each other, so that each pair of protocols is passed:
 * what crosses from HTTP/2 to HTTP/1.1 and back must be gRPC again, with its streams in both directions at once, its trailers and its statuses.
 */
public class GrpcChainInteropTest extends GrpcInteropTest {

    @Override
    protected int startGateways(int serverPort) {
        int far = super.startGateways(serverPort);
        int middle = startGateway(far);
        return startGateway(middle);
    }

    private int startGateway(int next) {
        Gateway gateway = hold(Gateway.create());
        Listener listener =
                Objects.requireNonNull(gateway.listen("127.0.0.1", 0, gateway.upstream("http://127.0.0.1:" + next))
                        .block());
        return listener.port();
    }
}
