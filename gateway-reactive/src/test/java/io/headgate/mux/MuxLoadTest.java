package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.Transport;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Many exchanges at once, with bodies that do not fit into a socket, on every transport and from every thread. */
class MuxLoadTest {

    private static final int CLIENTS = 6;
    private static final int EACH = 12;

    private static byte[] bytes(int seed) {
        Random random = new Random(seed);
        byte[] bytes = new byte[1 + random.nextInt(300_000)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static void echo(UpstreamCall up) {
        byte[] body = up.body().rest().bytes();
        up.head(200, false).send(body).end();
    }

    private static void load(Rig rig) throws Exception {
        List<CompletableFuture<Integer>> running = new ArrayList<>();
        for (int c = 0; c < CLIENTS; c++) {
            Client client = rig.client();
            int first = c * EACH;
            running.add(rig.async(() -> {
                for (int i = 0; i < EACH; i++) {
                    byte[] sent = bytes(first + i);
                    ClientCall call = client.post("/" + i).send(sent);
                    call.end();
                    ClientCall.Reply reply = call.reply();
                    assertThat(reply.status()).isEqualTo(200);
                    assertThat(reply.content().bytes()).isEqualTo(sent);
                }
                return EACH;
            }));
        }
        for (CompletableFuture<Integer> clientDone : running) {
            assertThat(clientDone.get()).isEqualTo(EACH);
        }
        assertThat(rig.outcomes.await(CLIENTS * EACH)).containsOnly(Outcome.COMPLETE);
    }

    private static boolean isAvailable(Transport transport) {
        try {
            Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1).withTransport(transport))
                    .closeAsync()
                    .block();
            return true;
        } catch (IllegalStateException e) {
            return false;
        }
    }

    static Stream<Arguments> transports() {
        return Stream.of(Transport.NIO, Transport.EPOLL, Transport.IO_URING)
                .flatMap(transport -> Stream.of(Pair.values()).map(pair -> Arguments.of(transport, pair)));
    }

    @ParameterizedTest
    @MethodSource("transports")
    void everyTransportCarriesBodies(Transport transport, Pair pair) throws Exception {
        if (!isAvailable(transport)) {
            System.err.println("SKIPPED: this system has no " + transport);
            Assumptions.abort("this system has no " + transport);
        }
        try (Rig rig = Rig.of(pair, Path.FUSED)
                .spec(spec -> spec.withTransport(transport).withEventLoops(2))
                .start()) {
            rig.upstream.answer(MuxLoadTest::echo);
            load(rig);
        }
    }

    static Stream<Arguments> pairs() {
        return Stream.of(Pair.values()).map(Arguments::of);
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void servicesMayAnswerFromOtherThreads(Pair pair) throws Exception {
        Service<HttpExchange, HttpReply> elsewhere = exchange -> Mono.just(exchange)
                .publishOn(Schedulers.parallel())
                .map(taken -> HttpReply.of(
                        200, Fields.empty(), taken.body().via(flux -> flux.publishOn(Schedulers.parallel(), 2))))
                .subscribeOn(Schedulers.parallel());
        try (Rig rig = Rig.of(pair, Path.FUSED)
                .service(r -> elsewhere)
                .spec(spec -> spec.withEventLoops(2))
                .start()) {
            load(rig);
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void upstreamsMayBeCalledFromOtherThreads(Pair pair) throws Exception {
        try (Rig rig = Rig.of(pair, Path.FUSED)
                .service(r -> {
                    Service<HttpExchange, HttpReply> upstream = r.upstream();
                    return exchange -> Mono.just(HttpExchange.of(exchange.head(), exchange.body()))
                            .publishOn(Schedulers.parallel())
                            .flatMap(upstream) // without the connection, so on any event loop
                            .publishOn(Schedulers.parallel());
                })
                .spec(spec -> spec.withEventLoops(2))
                .start()) {
            rig.upstream.answer(MuxLoadTest::echo);
            load(rig);
        }
    }
}
