package io.headgate.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An admin server and what asks it. */
final class AdminRig implements AutoCloseable {

    static final Duration LONG = Duration.ofSeconds(20);
    static final AdminSpec SPEC = AdminSpec.DEFAULTS.withPort(0);
    private static final JsonMapper JSON = JsonMapper.shared();

    final AdminServer server;
    private final HttpClient client = HttpClient.newHttpClient();

    AdminRig(Admin.Builder admin) {
        this(SPEC, admin);
    }

    AdminRig(AdminSpec spec, Admin.Builder admin) {
        server = AdminServer.start(spec, admin.build()).block(LONG);
    }

    URI uri(String target) {
        return URI.create("http://127.0.0.1:" + server.port() + target);
    }

    HttpResponse<String> ask(String method, String target, String... fields) throws Exception {
        return ask(method, target, HttpRequest.BodyPublishers.noBody(), fields);
    }

    HttpResponse<String> ask(String method, String target, HttpRequest.BodyPublisher body, String... fields)
            throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(uri(target)).method(method, body).timeout(LONG);
        if (fields.length > 0) {
            request.headers(fields);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    /** The JSON that a GET answers with 200. */
    JsonNode get(String target) throws Exception {
        HttpResponse<String> answer = ask("GET", target);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type")).contains("application/json");
        assertThat(answer.headers().firstValue("cache-control")).contains("no-store");
        return JSON.readTree(answer.body());
    }

    /** The problem that a request is answered with. */
    JsonNode problem(int status, String method, String target, String... fields) throws Exception {
        return problem(status, ask(method, target, fields));
    }

    static JsonNode problem(int status, HttpResponse<String> answer) {
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(status);
        assertThat(answer.headers().firstValue("content-type")).contains("application/problem+json");
        JsonNode problem = JSON.readTree(answer.body());
        assertThat(problem.get("status").asInt()).isEqualTo(status);
        assertThat(problem.get("type").asString()).isEqualTo("about:blank");
        assertThat(problem.get("title").asString()).isNotEmpty();
        return problem;
    }

    static JsonNode json(String text) {
        return JSON.readTree(text);
    }

    /** What a request of these very lines is answered with, until the server closes. */
    String raw(String... lines) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout((int) LONG.toMillis());
            String request = String.join("\r\n", lines) + "\r\nConnection: close\r\n\r\n";
            socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    EventStream events(String target) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(uri(target))
                .header("Accept", "text/event-stream")
                .build();
        HttpResponse<InputStream> answer = client.send(request, BodyHandlers.ofInputStream());
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue("content-type")).contains("text/event-stream");
        return new EventStream(answer.body());
    }

    @Override
    public void close() {
        server.closeAsync(Duration.ofSeconds(5)).block(LONG);
    }

    /** Server-sent events, one after another. */
    static final class EventStream implements AutoCloseable {

        record Event(String name, JsonNode data) {}

        private final BufferedReader reader;

        EventStream(InputStream input) {
            reader = new BufferedReader(new InputStreamReader(input, StandardCharsets.UTF_8));
        }

        /** The next event; null at the end. Comments are passed over. */
        Event next() throws IOException {
            String name = "";
            while (true) {
                String line = reader.readLine();
                if (line == null) {
                    return null;
                } else if (line.startsWith("event: ")) {
                    name = line.substring(7);
                } else if (line.startsWith("data: ")) {
                    return new Event(name, json(line.substring(6)));
                }
            }
        }

        Event next(String name) throws IOException {
            Event event = next();
            assertThat(event).isNotNull();
            assertThat(event.name()).isEqualTo(name);
            return event;
        }

        String line() throws IOException {
            return reader.readLine();
        }

        @Override
        public void close() throws IOException {
            reader.close();
        }
    }
}
