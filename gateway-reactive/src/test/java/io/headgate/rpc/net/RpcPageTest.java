package io.headgate.rpc.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.endpoint.Endpoints;
import io.headgate.rpc.endpoint.RpcClients;
import io.headgate.rpc.local.InProcess;
import io.headgate.rpc.wire.HeadgateWire;
import io.headgate.rpc.zrepl.ZreplWire;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** The examples of docs/rpc.md. */
class RpcPageTest {

    private static final Duration LONG = Duration.ofSeconds(10);

    /** A service of the page. */
    public interface Greeter {

        Mono<String> greet(String name);

        Flux<Integer> count(int to);
    }

    private static class Friendly implements Greeter {

        @Override
        public Mono<String> greet(String name) {
            return Mono.just("hello " + name);
        }

        @Override
        public Flux<Integer> count(int to) {
            return Flux.range(1, to);
        }
    }

    @Test
    void aServerAndAClient() {
        RpcServer server = RpcServer.bind(RpcServerSpec.of("tcp://127.0.0.1:0", HeadgateWire.DIALECT, ZreplWire.DIALECT)
                        .withHandler(Endpoints.of(new Friendly())))
                .block(LONG);
        RpcClient client = RpcClient.of(RpcClientSpec.of(server.address(), HeadgateWire.DIALECT));
        Greeter greeter = RpcClients.create().client(Greeter.class, client);

        assertThat(greeter.greet("Ada").block(LONG)).isEqualTo("hello Ada");
        assertThat(greeter.count(3).collectList().block(LONG)).containsExactly(1, 2, 3);

        client.closeAsync(Duration.ofSeconds(5)).block(LONG);
        server.closeAsync(Duration.ofSeconds(30)).block(LONG);
    }

    @Test
    void theClientIsCalledBack() {
        RpcServer server = RpcServer.bind(RpcServerSpec.of("local:greetings", HeadgateWire.DIALECT)
                        .withHandlers(arrival -> {
                            Greeter back = RpcClients.create().client(Greeter.class, arrival.connection());
                            return Endpoints.of(new Friendly() {
                                @Override
                                public Mono<String> greet(String name) {
                                    return back.greet("you, who call yourself " + name);
                                }
                            });
                        }))
                .block(LONG);
        RpcConnection connection = RpcClient.connect(RpcClientSpec.of(server.address(), HeadgateWire.DIALECT)
                        .withHandler(Endpoints.of(new Friendly())))
                .block(LONG);
        Greeter greeter = RpcClients.create().client(Greeter.class, connection);
        assertThat(greeter.greet("Ada").block(LONG)).isEqualTo("hello you, who call yourself Ada");
        server.closeAsync(Duration.ZERO).block(LONG);
    }

    @Test
    void bothSidesInOneProcess() {
        InProcess pair =
                InProcess.connect(RpcSpec.DEFAULTS, RpcSpec.DEFAULTS.withHandler(Endpoints.of(new Friendly())));
        Greeter greeter = RpcClients.create().client(Greeter.class, pair.initiator());
        assertThat(greeter.greet("Ada").block(LONG)).isEqualTo("hello Ada");
        pair.initiator().closeAsync(Duration.ZERO).block(LONG);
    }
}
