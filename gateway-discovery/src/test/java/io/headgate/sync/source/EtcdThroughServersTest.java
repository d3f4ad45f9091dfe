package io.headgate.sync.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.client.SyncClient;
import io.headgate.sync.client.SyncClientSpec;
import io.headgate.sync.server.SyncServer;
import io.headgate.sync.server.SyncServerSpec;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;

/** From etcd through a server, and through one behind it, to clients of both. */
@Timeout(60)
class EtcdThroughServersTest {

    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @TempDir
    private Path folder;

    private final List<SyncServer> servers = new ArrayList<>();
    private final List<SetProbe> clients = new ArrayList<>();

    @AfterEach
    void end() {
        clients.forEach(SetProbe::cancel);
        servers.forEach(server -> server.closeAsync(Duration.ZERO).block(PATIENCE));
    }

    @Test
    void everyClientEndsWithTheExactSetWhateverHappensToEtcd() throws Exception {
        Map<String, String> expected = new HashMap<>();
        for (int i = 0; i < 500; i++) {
            expected.put("/set/" + i, "value " + i);
        }
        try (Etcd etcd = Etcd.start(folder);
                Relay relay = new Relay(etcd.port())) {
            etcd.putAll(expected);
            EtcdSpec spec = EtcdSpec.of(relay.url()).withPrefix("/set/").withBackoff(SHORT, SHORT.multipliedBy(5));
            int first = serve(EtcdSource.of(spec).events());
            int second =
                    serve(SyncClient.of(SyncClientSpec.of("127.0.0.1:" + first)).events());
            for (int i = 0; i < 3; i++) {
                follow(first);
                follow(second);
            }
            clients.forEach(client -> client.awaitSet(expected));

            relay.drop();
            change(etcd, expected, 0);
            clients.forEach(client -> client.awaitSet(expected));

            relay.cut();
            change(etcd, expected, 1);
            etcd.compact();
            etcd.kill();
            etcd.start();
            change(etcd, expected, 2);
            etcd.compact();
            relay.restore();
            follow(second);
            clients.forEach(client -> client.awaitSet(expected));
            assertThat(servers)
                    .allSatisfy(server -> assertThat(server.stats().accepted()).isGreaterThan(2));
        }
    }

    /** Takes a part of the keys away, changes one, and adds one. */
    private static void change(Etcd etcd, Map<String, String> expected, int round) throws Exception {
        String from = "/set/" + (round + 3);
        String to = "/set/" + (round + 4);
        etcd.delete(from, to);
        expected.keySet().removeIf(key -> key.compareTo(from) >= 0 && key.compareTo(to) < 0);
        etcd.put("/set/0", "round " + round);
        expected.put("/set/0", "round " + round);
        etcd.put("/set/new " + round, "");
        expected.put("/set/new " + round, "");
    }

    private int serve(Flux<SyncEvent> events) {
        SyncServer server = SyncServer.bind(SyncServerSpec.of("127.0.0.1", 0).withTopic(SyncServerSpec.FELIX, events))
                .block(PATIENCE);
        servers.add(server);
        return server.port();
    }

    private void follow(int port) {
        clients.add(SetProbe.on(
                SyncClient.of(SyncClientSpec.of("127.0.0.1:" + port)).events()));
    }
}
