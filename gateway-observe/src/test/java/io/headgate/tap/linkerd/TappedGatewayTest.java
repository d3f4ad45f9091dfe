package io.headgate.tap.linkerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.Listener;
import io.headgate.http.Fields;
import io.headgate.http.HttpReply;
import io.headgate.tap.Tap;
import io.headgate.tap.TapEvent;
import io.headgate.tap.TapEvent.BodyData;
import io.headgate.tap.TapEvent.End;
import io.headgate.tap.TapEvent.RequestInit;
import io.headgate.tap.TapEvent.ResponseEnd;
import io.headgate.tap.TapEvent.ResponseInit;
import io.headgate.tap.TapHeaders;
import io.headgate.tap.TapMatch;
import io.headgate.tap.TapMatch.Text;
import io.headgate.tap.TapPoint;
import io.headgate.tap.TapRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.core.publisher.Mono;

/** From an exchange of a real gateway to the client of its tap. */
@Timeout(60)
class TappedGatewayTest {

    private final Tap tap = Tap.create();
    private final Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withEventLoops(1));
    private final Listener origin = Objects.requireNonNull(gateway.listen(
                    "127.0.0.1",
                    0,
                    exchange -> Mono.just(HttpReply.of(
                            200, Fields.of("content-type", "text/plain", "set-cookie", "a=b"), exchange.body())))
            .block(Opened.PATIENCE));
    private final Listener front = Objects.requireNonNull(gateway.listen(
                    "127.0.0.1",
                    0,
                    tap.stage(TapPoint.INBOUND).wrap(gateway.upstream("http://127.0.0.1:" + origin.port())))
            .block(Opened.PATIENCE));
    private final Opened opened = Opened.of(tap);

    @AfterEach
    void close() {
        opened.close();
        gateway.closeAsync().block(Opened.PATIENCE);
        assertThat(tap.stats().observers()).isZero();
        assertThat(tap.stats().openStreams()).isZero();
    }

    @Test
    void anExchangeIsToldWithItsBodiesAndTheStreamEndsAtItsLimit() throws IOException, InterruptedException {
        TapRequest request = TapRequest.of(1, new TapMatch.Path(Text.prefix("/orders")))
                .withHeaders(TapHeaders.SHOWN)
                .withBodyBytes(1000);
        var told = opened.client.observe(request).collectList().toFuture();
        Awaitility.await().until(() -> tap.stats().observers() == 1);

        HttpClient client =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
        String text = "0123456789".repeat(1000);
        for (String path : List.of("/other", "/orders?page=2", "/orders?page=3")) {
            String echoed = client.send(
                            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + front.port() + path))
                                    .header("authorization", "Bearer x")
                                    .POST(BodyPublishers.ofString(text))
                                    .build(),
                            BodyHandlers.ofString())
                    .body();
            assertThat(echoed).isEqualTo(text);
        }

        assertThat(told).succeedsWithin(Opened.PATIENCE);
        List<TapEvent> events = told.join();
        RequestInit init = (RequestInit) events.get(0);
        assertThat(init.target()).isEqualTo("/orders?page=2");
        assertThat(init.method()).isEqualTo("POST");
        assertThat(init.headers().get("authorization")).isEqualTo(TapHeaders.REDACTED);
        assertThat(init.peers().source()).isNotNull();
        assertThat(init.peers().point()).isEqualTo(TapPoint.INBOUND);
        ResponseInit reply = events.stream()
                .filter(ResponseInit.class::isInstance)
                .map(ResponseInit.class::cast)
                .findFirst()
                .orElseThrow();
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.headers().get("set-cookie")).isEqualTo(TapHeaders.REDACTED);
        ResponseEnd end = (ResponseEnd) events.get(events.size() - 1);
        assertThat(end.end()).isEqualTo(new End.Complete());
        assertThat(end.requestBytes()).isEqualTo(10_000);
        assertThat(end.responseBytes()).isEqualTo(10_000);
        assertThat(shown(events, true)).isEqualTo(text.substring(0, 1000));
        assertThat(shown(events, false)).isEqualTo(text.substring(0, 1000));
        assertThat(events)
                .allSatisfy(
                        event -> assertThat(((TapEvent.OfExchange) event).id()).isEqualTo(init.id()));
    }

    private static String shown(List<TapEvent> events, boolean ofRequest) {
        return events.stream()
                .filter(BodyData.class::isInstance)
                .map(BodyData.class::cast)
                .filter(piece -> piece.ofRequest() == ofRequest)
                .map(piece -> new String(piece.data(), StandardCharsets.UTF_8))
                .collect(Collectors.joining());
    }
}
