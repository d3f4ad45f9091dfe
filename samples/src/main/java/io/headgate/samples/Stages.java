package io.headgate.samples;

import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.Listener;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.HttpVersion;
import io.headgate.mirror.Mirror;
import io.headgate.samples.DemoClient.Answer;
import java.io.IOException;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import reactor.core.publisher.Mono;

/** A stack of policy stages in front of an upstream that shows what it was asked, and a mirror of it. */
@Command(
        name = "stages",
        description = "A stack of policy stages, shown by an upstream that says what it was asked.",
        sortOptions = false)
final class Stages implements Callable<Integer> {

    private static final Duration GRACE = Duration.ofSeconds(10);
    private static final int TOO_MUCH = 1024 * 1024 + 1;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where to listen; port 0 lets the system choose. Default: ${DEFAULT-VALUE}.")
    private ListenAddress listen = new ListenAddress("127.0.0.1", 8080);

    @Option(names = "--once", description = "End after the demonstration; exit code 0 when all replies were right.")
    private boolean once;

    private final PrintWriter out;

    Stages(PrintWriter out) {
        this.out = out;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Gateway upstreams = Gateway.create();
        try {
            String url = "http://127.0.0.1:" + echo(upstreams).port();
            String mirrorUrl = "h2c://127.0.0.1:" + echo(upstreams).port();
            return run(url, mirrorUrl);
        } finally {
            upstreams.closeAsync().block();
        }
    }

    private int run(String url, String mirrorUrl) throws IOException, InterruptedException {
        Mirror[] mirror = new Mirror[1];
        try (Running running = Running.start(GatewaySpec.DEFAULTS, listen, gateway -> {
            mirror[0] = StageExamples.mirror(gateway.upstream(mirrorUrl));
            return StageExamples.stack(gateway.upstream(url), mirror[0]).make("echo");
        })) {
            out.println(StageExamples.stack(exchange -> Mono.empty(), mirror[0]));
            out.println();
            boolean met = demonstrate(running.url());
            out.println(mirror[0].stats());
            if (once) {
                return met ? 0 : 1;
            }
            StopSignals signals = StopSignals.install();
            out.println();
            out.println("Try it, and end it with Ctrl-C:");
            out.println("  curl -i -H 'X-Forwarded-For: 10.0.0.7' " + running.url() + "/api/orders/42");
            return running.awaitStop(signals, out, GRACE);
        }
    }

    private boolean demonstrate(String url) throws IOException, InterruptedException {
        try (DemoClient client = new DemoClient(url)) {
            return show(client, "GET", "/x/..//%61pi/orders/42?q", "", 200, "GET orders.internal/orders/v2/42?q")
                    & show(client, "POST", "/api/users/7", "hello", 200, "x-forwarded-for: 127.0.0.1")
                    & show(client, "GET", "/old/orders/42", "", 308, "")
                    & show(client, "GET", "/api/../../etc/passwd", "", 400, "no way above its root")
                    & show(client, "POST", "/api/orders/1", "x".repeat(TOO_MUCH), 413, "at most 1048576 bytes");
        }
    }

    private boolean show(DemoClient client, String method, String path, String body, int status, String part)
            throws IOException, InterruptedException {
        Answer answer = client.send(HttpVersion.HTTP_2, method, path, body);
        out.println(method + " " + path + " -> " + answer.status());
        answer.body().lines().forEach(line -> out.println("    " + line));
        return answer.status() == status && answer.body().contains(part);
    }

    /** An upstream that says what it was asked. */
    private static Listener echo(Gateway gateway) {
        return Objects.requireNonNull(
                gateway.listen("127.0.0.1", 0, Stages::echo).block());
    }

    private static Mono<HttpReply> echo(HttpExchange exchange) {
        exchange.body().discard();
        Fields fields = exchange.head().fields();
        String asked = exchange.head().method() + " " + exchange.head().authority()
                + exchange.head().target();
        return Mono.just(HttpReply.text(200, asked + "\n" + fields + "\n"));
    }
}
