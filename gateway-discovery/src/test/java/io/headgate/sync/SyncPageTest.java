package io.headgate.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.headgate.Service;
import io.headgate.balance.BalancerSettings;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.Listener;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.sync.client.SyncClient;
import io.headgate.sync.client.SyncClientSpec;
import io.headgate.sync.client.SyncDiscovery;
import io.headgate.sync.server.SyncServer;
import io.headgate.sync.server.SyncServerSpec;
import io.headgate.sync.source.SyncStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;

/** The examples of docs/sync.md: they are this code, and it does what the page says. */
class SyncPageTest {

    private static final Path PAGE = Path.of("..", "docs", "sync.md");
    private static final Path SOURCE = Path.of("src", "test", "java", "io", "headgate", "sync", "SyncPageTest.java");
    private static final Duration LONG = Duration.ofSeconds(10);

    private final Map<String, ByteString> settings = new ConcurrentHashMap<>();
    private final AtomicBoolean isComplete = new AtomicBoolean();

    @Test
    void aServerAndAClient() {
        int port = 0;

        SyncStore store = SyncStore.create(); // or a directory, etcd, another server
        store.put("/config/LogLevel", ByteString.copyFromUtf8("info"));

        SyncServer server = SyncServer.bind(SyncServerSpec.of("127.0.0.1", port) // 5473 as a rule
                        .withTopic("felix", store.events()))
                .block();
        store.put("/config/LogLevel", ByteString.copyFromUtf8("debug")); // all clients are told

        Disposable following = follow(Objects.requireNonNull(server).port());
        await().untilAsserted(() -> {
            assertThat(settings).containsEntry("/config/LogLevel", ByteString.copyFromUtf8("debug"));
            assertThat(isComplete).isTrue();
        });
        following.dispose();
        server.closeAsync(Duration.ZERO).block(LONG);
    }

    private Disposable follow(int port) {
        SyncClient client = SyncClient.of(SyncClientSpec.of("127.0.0.1:" + port).withPrefixes(List.of("/config/")));
        Disposable following = client.events().subscribe(event -> {
            if (event instanceof SyncEvent.Updates some) {
                some.updates().forEach(update -> settings.compute(update.key(), (key, before) -> update.value()));
            } else if (event instanceof SyncEvent.Status now) {
                isComplete.set(now.status() == SyncStatus.IN_SYNC);
            }
        });
        return following;
    }

    @Test
    void aGatewayThatIsToldItsEndpoints() {
        Gateway gateway = Gateway.create();
        Listener upstream = Objects.requireNonNull(gateway.listen("127.0.0.1", 0, exchange -> {
                    exchange.body().discard();
                    return Mono.just(HttpReply.text(200, "hello"));
                })
                .block(LONG));
        SyncStore store = SyncStore.create();
        store.put(
                "/headgate/v1/endpoints/orders",
                ByteString.copyFromUtf8("[\"127.0.0.1:" + upstream.address().getPort() + "\"]"));
        SyncServer server = Objects.requireNonNull(
                SyncServer.bind(SyncServerSpec.of("127.0.0.1", 0).withTopic("felix", store.events()))
                        .block(LONG));
        HttpReply reply = Objects.requireNonNull(orders(gateway, server.port())
                .call(HttpExchange.of(RequestHead.of("GET", "orders", "/"), Body.empty()))
                .block(LONG));
        assertThat(reply.body().asString(100).block(LONG)).isEqualTo("hello");
        gateway.closeAsync().block(LONG);
        server.closeAsync(Duration.ZERO).block(LONG);
    }

    private static Service<HttpExchange, HttpReply> orders(Gateway gateway, int port) {
        SyncDiscovery discovery = SyncDiscovery.of(
                SyncClient.of(SyncClientSpec.of("127.0.0.1:" + port)).events());
        Service<HttpExchange, HttpReply> orders = gateway.balanced(discovery, "orders", BalancerSettings.DEFAULTS);
        return orders;
    }

    @Test
    void thePageShowsThisCode() throws IOException {
        String code = squeezed(Files.readString(SOURCE));
        List<String> shown = Pattern.compile("(?s)```java\\n(.*?)```")
                .matcher(Files.readString(PAGE))
                .results()
                .map(found -> squeezed(found.group(1)))
                .toList();
        assertThat(shown).hasSize(3).allSatisfy(example -> assertThat(code).contains(example));
    }

    private static String squeezed(String code) {
        return code.replaceAll("\\s+", "");
    }
}
