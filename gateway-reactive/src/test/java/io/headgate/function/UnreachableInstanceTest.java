package io.headgate.function;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.dispatch.DispatchSettings;
import io.headgate.function.dispatch.MachineBudget;
import io.headgate.function.driver.process.ProcessDriver;
import io.headgate.function.driver.process.ProcessDriverSpec;
import io.headgate.function.driver.process.ProcessImage;
import io.headgate.function.model.Annotations;
import io.headgate.function.model.App;
import io.headgate.function.model.CallAnnotations;
import io.headgate.function.model.Fn;
import io.headgate.function.store.FunctionStore;
import io.headgate.function.store.MemoryFunctionStore;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.Listener;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Processes that live on, but listen for one call only: the next one is refused by the socket, and costs its caller nothing. */
@Timeout(60)
class UnreachableInstanceTest {

    private static final Duration LONG = Duration.ofSeconds(30);

    @TempDir
    private Path base;

    @Test
    void aCallThatASocketRefusesIsMadeOnAnotherInstance() throws Exception {
        List<String> command = List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-cp",
                Path.of(OneCall.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI())
                        .toString(),
                OneCall.class.getName());
        ProcessDriver driver = ProcessDriver.open(
                        ProcessDriverSpec.DEFAULTS.withBase(base).withImage("once", new ProcessImage(base, command)))
                .block(LONG);
        FunctionStore store = MemoryFunctionStore.create();
        App app = store.createApp(App.named("socket")).block(LONG);
        Fn plain = Fn.of(app.id(), "once", "once");
        Fn streamed = store.createFn(new Fn(
                        "",
                        app.id(),
                        "streamed",
                        "once",
                        128,
                        30,
                        30,
                        Map.of(),
                        new Annotations(Map.of(CallAnnotations.STREAM, "true")),
                        plain.createdAt(),
                        plain.updatedAt()))
                .block(LONG);
        Functions functions = Functions.builder(
                        store, DispatchSettings.of(MachineBudget.of(1024, 8)).withStartTimeout(LONG))
                .agent(agent -> agent.driver(driver))
                .open()
                .block(LONG);
        Gateway gateway = Gateway.create();
        try {
            Listener listener = gateway.listen("127.0.0.1", 0, functions).block(LONG);
            String first = call(listener, streamed);
            assertThat(call(listener, streamed)).as("by another process").isNotEqualTo(first);
        } finally {
            functions.closeAsync(Duration.ZERO).block(LONG);
            gateway.closeAsync().block(LONG);
        }
        assertThat(base).isEmptyDirectory();
    }

    private static String call(Listener listener, Fn fn) throws Exception {
        var reply = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + listener.port() + "/invoke/" + fn.id()))
                                .POST(BodyPublishers.ofString("hello"))
                                .timeout(LONG)
                                .build(),
                        BodyHandlers.ofString());
        assertThat(reply.statusCode()).as(reply.body()).isEqualTo(200);
        assertThat(reply.body()).endsWith(" hello");
        return reply.body();
    }

    /** Answers one call with its number of process and what it was sent. */
    static final class OneCall {

        private OneCall() {}

        public static void main(String[] args) throws Exception {
            Path listener = Path.of(System.getenv("FN_LISTENER").substring("unix:".length()));
            ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
            server.bind(UnixDomainSocketAddress.of(listener + ".tmp"));
            Files.createSymbolicLink(listener, Path.of(listener.getFileName() + ".tmp"));
            try (SocketChannel call = server.accept()) {
                server.close();
                InputStream in = Channels.newInputStream(call);
                StringBuilder head = new StringBuilder();
                while (head.indexOf("\r\n\r\n") < 0) {
                    head.append((char) in.read());
                }
                String said = new String(in.readNBytes(5), StandardCharsets.US_ASCII);
                String answer = ProcessHandle.current().pid() + " " + said;
                call.write(StandardCharsets.US_ASCII.encode("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: "
                        + answer.length() + "\r\n\r\n" + answer));
            }
            new CountDownLatch(1).await();
        }
    }
}
