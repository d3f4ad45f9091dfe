package io.headgate.samples;

import io.headgate.tap.TapEvent;
import io.headgate.tap.TapRequest;
import io.headgate.tap.linkerd.TapClient;
import reactor.core.publisher.Flux;

/** Over the tap API of Linkerd. */
final class GrpcDial implements TapDial {

    @Override
    public Opened open(ListenAddress gateway) {
        TapClient client = UserMistake.ifRefused(() -> TapClient.open(gateway.host(), gateway.port()));
        return new Opened() {
            @Override
            public Flux<TapEvent> observe(TapRequest request) {
                return client.observe(request);
            }

            @Override
            public void close() {
                client.closeAsync().block();
            }
        };
    }
}
