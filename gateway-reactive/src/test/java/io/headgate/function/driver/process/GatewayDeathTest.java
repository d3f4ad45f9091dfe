package io.headgate.function.driver.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.function.model.App;
import io.headgate.http.Body;
import io.headgate.test.VirtualClock;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http.HttpObject;
import io.netty.resolver.AddressResolver;
import io.netty.util.ReferenceCounted;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.reactivestreams.Publisher;
import org.slf4j.Logger;
import reactor.core.publisher.Mono;

/** Gateways that are killed by {@code kill -9}: with what starts them gone as well, or not. */
@Timeout(60)
class GatewayDeathTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private static final String FUNCTION = "echo pid=$$; sleep 300 & echo child=$!; "
            + "setsid sh -c 'echo daemon=$$; exec sleep 300' & "
            + "echo listen=$FN_LISTENER; exec sleep 300";

    @TempDir
    private Path base;

    /** A gateway in a process of its own, and what it has told. */
    private record Doomed(Process process, Map<String, String> told) {

        long pid(String name) {
            return Long.parseLong(told.get(name));
        }

        Path directory() {
            return Path.of(told.get("listen").substring("unix:".length()))
                    .getParent()
                    .getParent();
        }

        boolean isGone() {
            return isGone("pid") && isGone("child") && isGone("daemon") && Files.notExists(directory());
        }

        private boolean isGone(String name) {
            return Pids.isGone(pid(name));
        }
    }

    private static String classPath() throws URISyntaxException {
        Class<?>[] needed = {
            ProcessDriver.class,
            DoomedGateway.class,
            App.class,
            Body.class,
            Mono.class,
            Publisher.class,
            ByteBuf.class,
            ReferenceCounted.class,
            Channel.class,
            ByteToMessageDecoder.class,
            HttpObject.class,
            AddressResolver.class,
            EpollIoHandler.class,
            IoUringIoHandler.class,
            DomainSocketAddress.class,
            Logger.class,
            VirtualClock.class,
            ConditionFactory.class,
            org.hamcrest.Matcher.class
        };
        Set<String> places = new LinkedHashSet<>();
        for (Class<?> type : needed) {
            places.add(Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString());
        }
        return String.join(File.pathSeparator, places);
    }

    private Doomed start() throws Exception {
        String java = ProcessHandle.current().info().command().orElseThrow();
        Process process = new ProcessBuilder(
                        java,
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        classPath(),
                        DoomedGateway.class.getName(),
                        base.toString(),
                        FUNCTION)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        return new Doomed(process, new HashMap<>());
    }

    private static void listen(Doomed doomed) throws IOException {
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(doomed.process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null && !line.equals("ready"); line = lines.readLine()) {
            String[] pair = line.split("=", 2);
            doomed.told.put(pair[0], pair.length > 1 ? pair[1] : "");
        }
        assertThat(doomed.told).containsKeys("pid", "child", "daemon", "listen", "keeper");
    }

    private static void kill(String signal, long... pids) throws Exception {
        StringBuilder command = new StringBuilder("kill -s " + signal);
        for (long pid : pids) {
            command.append(' ').append(pid);
        }
        assertThat(new ProcessBuilder("sh", "-c", command.toString()).start().waitFor())
                .isZero();
    }

    @Test
    void functionsDieWithAGatewayThatIsKilled() throws Exception {
        Doomed first = start();
        Doomed second = start();
        listen(first);
        listen(second);
        Path foreign = Files.createDirectories(base.resolve("1-foreign-0"));

        // Nobody touches what has an owner.
        openAndClose();
        assertThat(first.directory()).isDirectory();
        assertThat(first.isGone("pid")).isFalse();

        first.process.destroyForcibly();
        await().pollInterval(Duration.ofMillis(5)).atMost(PATIENCE).until(first::isGone);

        // A gateway that cannot make a new keeper dies together with its keeper.
        kill("STOP", second.process.pid());
        kill("KILL", second.pid("keeper"), second.process.pid());
        second.process.waitFor();
        assertThat(second.isGone("pid")).isFalse();
        assertThat(second.directory()).isDirectory();
        openAndClose();
        await().pollInterval(Duration.ofMillis(5)).atMost(PATIENCE).until(second::isGone);
        assertThat(foreign).isDirectory();
    }

    private void openAndClose() {
        ProcessDriver.open(ProcessDriverSpec.DEFAULTS.withBase(base))
                .flatMap(ProcessDriver::close)
                .block(PATIENCE);
    }
}
