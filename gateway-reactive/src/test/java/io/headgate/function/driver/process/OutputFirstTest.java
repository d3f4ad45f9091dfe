package io.headgate.function.driver.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.headgate.function.driver.Instance;
import io.headgate.function.driver.InstanceOutput;
import io.headgate.function.driver.InstanceReply;
import io.headgate.function.driver.InstanceRequest;
import io.headgate.function.driver.InstanceSpec;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.test.scheduler.VirtualTimeScheduler;

/**
 * Replies that come after what was printed before them. The test answers in the place of a process of the shell, prints into the pipe
 * of that process, and holds up who reads the pipe.
 */
@Timeout(30)
class OutputFirstTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @TempDir
    private Path base;

    private final VirtualTimeScheduler timers = VirtualTimeScheduler.create();
    private final Printed printed = new Printed();
    private final Gate gate = new Gate(printed);
    private ProcessDriver driver;
    private Instance instance;
    private volatile UnixPeer.Script script;

    /** Stops whoever prints when it is told to, until it is opened. */
    private static final class Gate implements InstanceOutput {

        private final InstanceOutput to;
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch opened = new CountDownLatch(1);
        private volatile boolean closed;

        Gate(InstanceOutput to) {
            this.to = to;
        }

        @Override
        public void print(ByteBuf bytes) {
            if (closed) {
                reached.countDown();
                try {
                    opened.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            to.print(bytes);
        }
    }

    @BeforeEach
    void start() throws IOException {
        driver = ProcessDriver.open(ProcessDriverSpec.DEFAULTS
                        .withBase(base)
                        .withTimers(timers)
                        .withImage("script", new ProcessImage(base, List.of("sh", "-c", "eval \"$SCRIPT\""))))
                .block(PATIENCE);
        String waits = "echo pid=$$; echo listen=$FN_LISTENER; exec sleep 100";
        CompletableFuture<Instance> started = driver.start(
                        new InstanceSpec("i", "script", 64, Map.of("SCRIPT", waits), PATIENCE, gate))
                .toFuture();
        UnixPeer.become(Path.of(printed.line("listen=unix:")), (number, wire) -> script.serve(number, wire));
        instance = started.orTimeout(10, TimeUnit.SECONDS).join();
    }

    @AfterEach
    void close() {
        gate.opened.countDown();
        driver.close().block(PATIENCE);
    }

    private void print(String text) throws IOException {
        try (OutputStream pipe = new FileOutputStream("/proc/" + printed.line("pid=") + "/fd/1")) {
            pipe.write(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    private static UnixPeer.Script answering(String reply) {
        return (number, wire) -> {
            wire.write(reply);
            wire.head(); // until the connection is closed
        };
    }

    /** Prints, with nobody reading on from there, and then does the rest. */
    private UnixPeer.Script saying(String text, UnixPeer.Script then) {
        return (number, wire) -> {
            wire.head();
            gate.closed = true;
            print(text);
            then.serve(number, wire);
        };
    }

    private CompletableFuture<String> call() {
        return instance.call(new InstanceRequest(Fields.empty(), Body.empty(), true))
                .map(InstanceReply::body)
                .flatMap(body -> body.asString(1024))
                .onErrorResume(error -> Mono.just(error.getClass().getSimpleName()))
                .toFuture();
    }

    private String ended(CompletableFuture<String> call) {
        await().pollInterval(Duration.ofMillis(2)).atMost(PATIENCE).until(() -> {
            timers.advanceTime();
            return call.isDone();
        });
        return call.join();
    }

    /** All that is to come without the gate has come, and the call has not ended. */
    private void assertWaits(CompletableFuture<String> call) throws InterruptedException {
        assertThat(gate.reached.await(10, TimeUnit.SECONDS)).isTrue();
        await().pollInterval(Duration.ofMillis(2)).atMost(PATIENCE).until(() -> timers.getScheduledTaskCount() > 0);
        timers.advanceTimeBy(Duration.ofMillis(1999));
        assertThat(call).isNotDone();
        assertThat(printed.text()).doesNotContain("last words");
    }

    /** What a call ends with, when it has waited for what was printed before. */
    private String waitsForLastWords(UnixPeer.Script then) throws InterruptedException {
        script = saying("last words\n", then);
        CompletableFuture<String> call = call();
        assertWaits(call);
        gate.opened.countDown();
        String end = ended(call);
        assertThat(printed.text()).endsWith("last words\n");
        return end;
    }

    @Test
    void aReplyEndsAfterWhatWasPrintedBeforeIt() throws InterruptedException {
        assertThat(waitsForLastWords(answering(UnixPeer.OK))).isEqualTo("ok");
    }

    @Test
    void aReplyWithoutABodyWaitsAsWell() throws InterruptedException {
        assertThat(waitsForLastWords(answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")))
                .isEmpty();
    }

    @Test
    void aCallThatBreaksOffFailsAfterWhatWasPrintedBefore() throws InterruptedException {
        assertThat(waitsForLastWords((number, wire) -> {})).isEqualTo("FunctionException");
    }

    @Test
    void aBodyThatBreaksOffFailsAfterWhatWasPrintedBefore() throws InterruptedException {
        assertThat(waitsForLastWords((number, wire) -> wire.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")))
                .isEqualTo("FunctionException");
    }

    @Test
    void aProcessThatDiesInACallIsHeardOut() throws InterruptedException {
        assertThat(waitsForLastWords((number, wire) -> ProcessHandle.of(Long.parseLong(printed.line("pid=")))
                        .orElseThrow()
                        .destroyForcibly()))
                .isEqualTo("FunctionException");
    }

    @Test
    void anOutputThatIsNotTakenHoldsAReplyUpForSomeTimeOnly() throws InterruptedException {
        script = saying("last words\n", answering(UnixPeer.OK));
        CompletableFuture<String> call = call();
        assertWaits(call);
        timers.advanceTimeBy(Duration.ofMillis(1));
        assertThat(ended(call)).isEqualTo("ok");
    }

    @Test
    void whatIsPrintedInHalvesOfALineAndWithoutAnyComesOutAsItWasPrinted() throws IOException {
        script = (number, wire) -> {
            while (wire.head() != null) {
                print("call " + number + " without an end;\0");
                wire.write(UnixPeer.OK);
            }
        };
        for (int i = 1; i <= 50; i++) {
            assertThat(ended(call())).isEqualTo("ok");
            assertThat(printed.text().split("without an end;\0", -1)).hasSize(i + 1);
        }
        assertThat(printed.text()).endsWith(("call 1 without an end;\0").repeat(50));
    }
}
