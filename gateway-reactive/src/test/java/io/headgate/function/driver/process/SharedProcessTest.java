package io.headgate.function.driver.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headgate.Deadline;
import io.headgate.function.dispatch.DispatchSettings;
import io.headgate.function.dispatch.MachineBudget;
import io.headgate.function.invoke.FunctionAgent;
import io.headgate.function.invoke.Invocation;
import io.headgate.function.invoke.InvocationWatch;
import io.headgate.function.model.Annotations;
import io.headgate.function.model.App;
import io.headgate.function.model.CallType;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** A process that takes several calls at once, through the agent: each call has a connection of its own. */
@Timeout(60)
class SharedProcessTest {

    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final App APP = App.named("app");

    @TempDir
    private Path base;

    @TempDir
    private Path notes;

    private FunctionAgent agent;

    /** Says where it shall listen, so that the test can do it in its place, and waits. */
    @BeforeEach
    void open() {
        String script = "echo $FN_LISTENER > " + notes + "/new; mv " + notes + "/new " + notes + "/$$; exec sleep 100";
        ProcessDriver driver = ProcessDriver.open(ProcessDriverSpec.DEFAULTS
                        .withBase(base)
                        .withImage("script", new ProcessImage(notes, List.of("sh", "-c", script))))
                .block(PATIENCE);
        agent = FunctionAgent.builder(DispatchSettings.of(MachineBudget.of(512, 4))
                        .withStartTimeout(PATIENCE)
                        .withFreezeAfter(null))
                .driver(driver)
                .build();
    }

    @AfterEach
    void close() {
        agent.closeAsync().block(PATIENCE);
        assertThat(base).isEmptyDirectory();
        assertThat(agent.stats().memoryBytes()).isZero();
    }

    private static Fn fn(int concurrency, int timeoutSeconds) {
        Annotations limits = new Annotations(
                Map.of("headgate.io/concurrency", Integer.toString(concurrency), "headgate.io/max-instances", "1"));
        return new Fn(
                "fn", "app", "f", "script", 128, timeoutSeconds, 30, Map.of(), limits, Instant.EPOCH, Instant.EPOCH);
    }

    private Mono<String> call(Fn fn, String id) {
        Invocation call = new Invocation(
                id, CallType.SYNC, APP, fn, null, Fields.empty(), Body.utf8(id), Deadline.NONE, InvocationWatch.NONE);
        return agent.invoke(call).flatMap(reply -> reply.body().asString(100));
    }

    /** The socket of the process that was started last, once there are so many. */
    private Path listener(int processes) throws IOException {
        await().atMost(PATIENCE).until(() -> processes().size() == processes);
        Path newest = processes().get(0);
        for (Path one : processes()) {
            newest = Files.getLastModifiedTime(one).compareTo(Files.getLastModifiedTime(newest)) > 0 ? one : newest;
        }
        return Path.of(Files.readString(newest).strip().substring("unix:".length()));
    }

    private List<Path> processes() throws IOException {
        try (var files = Files.list(notes)) {
            return files.filter(file -> !file.endsWith("new")).toList();
        }
    }

    @Test
    void threeCallsRunAtOnceAndTheFourthWaits() throws Exception {
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        CyclicBarrier three = new CyclicBarrier(3);
        Mono<List<String>> answers =
                Flux.range(0, 30).flatMap(i -> call(fn(3, 30), "c" + i), 30).collectList();
        var future = answers.toFuture();
        UnixPeer peer = UnixPeer.become(listener(1), (number, wire) -> {
            for (String head = wire.head(); head != null; head = wire.head()) {
                most.accumulateAndGet(running.incrementAndGet(), Math::max);
                String body = wire.read(length(head));
                three.await(20, TimeUnit.SECONDS);
                running.decrementAndGet();
                wire.write("HTTP/1.1 200 OK\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            }
        });
        assertThat(future.get(30, TimeUnit.SECONDS))
                .hasSize(30)
                .doesNotHaveDuplicates()
                .allMatch(text -> text.startsWith("c"));
        assertThat(most).hasValue(3);
        assertThat(peer.connections()).isEqualTo(3);
        assertThat(processes()).hasSize(1);
        peer.close();
    }

    private static int length(String head) {
        int at = head.toLowerCase(Locale.ROOT).indexOf("content-length:");
        return Integer.parseInt(
                head.substring(at + 15, head.indexOf("\r\n", at)).strip());
    }

    @Test
    void aCallThatIsLateCostsTheProcessWhenTheOthersHaveEnded() throws Exception {
        CountDownLatch allAreThere = new CountDownLatch(3);
        var lateEnd = call(fn(3, 1), "late").toFuture();
        var othersEnd = Flux.just("a", "b")
                .flatMap(id -> call(fn(3, 1), id))
                .collectList()
                .toFuture();
        UnixPeer peer = UnixPeer.become(listener(1), (number, wire) -> {
            String head = wire.head();
            if (head == null) {
                return;
            }
            String body = wire.read(length(head));
            allAreThere.countDown();
            if (body.equals("late")) {
                wire.head(); // the end of the connection
                return;
            }
            wire.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n" + body);
            wire.write("ok");
            wire.head();
        });
        assertThat(allAreThere.await(20, TimeUnit.SECONDS)).isTrue();
        assertThat(othersEnd.get(30, TimeUnit.SECONDS)).containsExactlyInAnyOrder("aok", "bok");
        assertThatThrownBy(() -> lateEnd.get(30, TimeUnit.SECONDS))
                .cause()
                .isInstanceOfSatisfying(
                        FunctionException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.TIMED_OUT));
        peer.close();

        var next = call(fn(3, 1), "next").toFuture();
        UnixPeer second = UnixPeer.become(listener(2), (number, wire) -> {
            String head = wire.head();
            if (head != null) {
                wire.read(length(head));
                wire.write(UnixPeer.OK);
                wire.head();
            }
        });
        assertThat(next.get(30, TimeUnit.SECONDS)).isEqualTo("ok");
        second.close();
    }
}
