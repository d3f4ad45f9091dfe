package io.headgate.sync.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.internal.wire.SyncDecoder;
import io.headgate.sync.server.SyncServer;
import io.headgate.sync.server.SyncServerSettings;
import io.headgate.sync.server.SyncServerSpec;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.compression.Snappy;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.concurrent.EventExecutor;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.Logger;

/**
 * A great many clients on one server, others that come and go, and changes all the while. A thousand clients as a rule;
 * {@code -Pbulk} is ten thousand.
 */
@Timeout(300)
class CrowdTest {

    private static final int CLIENTS = Integer.getInteger("headgate.crowd.clients", 1000);
    private static final int SECONDS = Integer.getInteger("headgate.crowd.seconds", 3);
    private static final int CHURN = 100;
    private static final int WITNESSES = 3;
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Source source = new Source();
    private final long[] words = new long[CrowdClient.KEYS];
    private final Random random = new Random(11);

    @Test
    void everyClientThatStaysEndsWithTheSetOfTheServerAndNothingIsLeft() throws Exception {
        SyncServer server = SyncServer.bind(SyncServerSpec.of("127.0.0.1", 0)
                        .withTopic(SyncServerSpec.FELIX, source.events())
                        .withSettings(SyncServerSettings.builder()
                                .maxConnections(4 * CLIENTS)
                                .build()))
                .block(LIMIT);
        change(CrowdClient.KEYS);
        source.status(SyncStatus.IN_SYNC);
        List<Witness> witnesses = new ArrayList<>();
        try (Crowd crowd = Crowd.start(server.port())) {
            for (int i = 0; i < WITNESSES; i++) {
                witnesses.add(Witness.follow(server.port()));
            }
            assertThat(crowd.ask("open " + CLIENTS)).isEqualTo("open clients=" + CLIENTS + " lost=0 failures=0");
            assertThat(server.stats().connections()).isEqualTo(CLIENTS + WITNESSES);

            CompletableFuture<String> churn =
                    CompletableFuture.supplyAsync(() -> crowd.ask("churn " + CHURN + " " + SECONDS));
            int rounds = 0;
            while (!churn.isDone()) {
                change(5);
                rounds++;
                LockSupport.parkNanos(Math.max(50, CLIENTS / 50) * 1_000_000L);
            }
            String churned = churn.join();
            assertThat(churned).contains("clients=" + CLIENTS + " lost=0");
            int passed = Integer.parseInt(GoPeer.value(churned, "passed"));
            assertThat(passed).isEqualTo(CHURN * SECONDS);
            assertThat(rounds).isGreaterThan(SECONDS);

            source.tell(SyncUpdate.added(CrowdClient.END, ByteString.copyFromUtf8("1"), ""));
            assertThat(crowd.ask("sums 1"))
                    .startsWith("sums distinct=1 sum=" + Long.toHexString(sum()) + " clients=" + CLIENTS + " lost=0");
            witnesses.forEach(witness -> witness.awaitChecksum(source.sum().checksum()));
            assertThat(witnesses).allMatch(witness -> witness.losses() == 0);

            assertThat(crowd.ask("close")).isEqualTo("closed lost=0");
            witnesses.forEach(Witness::close);
            Eventually.holds(() -> server.stats().connections() == 0);
            var topic = server.stats().topics().get(SyncServerSpec.FELIX);
            assertThat(topic.streaming()).isZero();
            assertThat(server.stats().streaming()).isZero();
            assertThat(server.stats().accepted())
                    .isBetween(CLIENTS + WITNESSES + 1L, CLIENTS + WITNESSES + (long) passed);
            assertThat(server.stats().ends().keySet()).noneMatch(end -> end.isFaultOfClient());
        } finally {
            witnesses.forEach(Witness::close);
            server.closeAsync(Duration.ZERO).block(LIMIT);
        }
    }

    /** New values for some keys, and now and then none. */
    private void change(int count) {
        List<SyncUpdate> updates = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int number = count == CrowdClient.KEYS ? i : random.nextInt(CrowdClient.KEYS);
            boolean gone = count < CrowdClient.KEYS && random.nextInt(4) == 0;
            ByteString value = gone ? null : Values.of(random.nextInt(), 200);
            words[number] = CrowdClient.word(number, value);
            updates.add(
                    gone
                            ? SyncUpdate.deleted(Source.key(number), "")
                            : SyncUpdate.changed(Source.key(number), value, ""));
        }
        source.tell(updates);
    }

    private long sum() {
        long sum = 0;
        for (long word : words) {
            sum ^= word;
        }
        return sum;
    }

    /** The other process. */
    private record Crowd(Process process, BufferedReader output, BufferedWriter input) implements AutoCloseable {

        static Crowd start(int port) throws IOException {
            Process process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-Xmx1g",
                            "-cp",
                            classPath(),
                            CrowdClients.class.getName(),
                            String.valueOf(port))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            return new Crowd(
                    process, process.inputReader(StandardCharsets.UTF_8), process.outputWriter(StandardCharsets.UTF_8));
        }

        /** Where the classes come from that it needs, whoever has loaded them here. */
        private static String classPath() {
            return Stream.of(
                            CrowdClients.class,
                            SyncDecoder.class,
                            ByteString.class,
                            Bootstrap.class,
                            ByteBuf.class,
                            ByteToMessageDecoder.class,
                            Snappy.class,
                            AddressResolverGroup.class,
                            EventExecutor.class,
                            Logger.class)
                    .map(type -> Path.of(type.getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .getPath())
                            .toString())
                    .distinct()
                    .collect(Collectors.joining(System.getProperty("path.separator")));
        }

        String ask(String command) {
            try {
                input.write(command);
                input.newLine();
                input.flush();
                String answer = output.readLine();
                return answer == null ? "ended at: " + command : answer;
            } catch (IOException e) {
                return e.toString();
            }
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
