package io.headgate.samples;

import io.headgate.gateway.Gateway;
import io.headgate.gateway.Upstream;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.HttpVersion;
import io.headgate.http.RequestHead;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Objects;
import reactor.core.publisher.Mono;

/** Sends requests to a gateway over HTTP/1.1 with the JDK's client, and over cleartext HTTP/2 with Headgate's own. */
final class DemoClient implements AutoCloseable {

    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final int MAX_BODY = 64 * 1024;

    /**
     * What came back.
     *
     * @param status the status
     * @param servedOver the protocol that the upstream saw, or a dash
     * @param body the text
     */
    record Answer(int status, String servedOver, String body) {}

    private final HttpClient http1 = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final Gateway loops = Gateway.create();
    private final String url;
    private final Upstream http2;

    /** A client of {@code http://HOST:PORT}. */
    DemoClient(String url) {
        this.url = url;
        this.http2 = loops.upstream(url.replaceFirst("http", "h2c"));
    }

    Answer send(HttpVersion version, String method, String path, String body) throws IOException, InterruptedException {
        return version == HttpVersion.HTTP_2 ? sendHttp2(method, path, body) : sendHttp1(method, path, body);
    }

    private Answer sendHttp1(String method, String path, String body) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url + path))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .timeout(TIMEOUT)
                .build();
        HttpResponse<String> response = http1.send(request, BodyHandlers.ofString());
        String servedOver =
                response.headers().firstValue(EmbeddedUpstreams.SERVED_OVER).orElse("-");
        return new Answer(response.statusCode(), servedOver, response.body());
    }

    private Answer sendHttp2(String method, String path, String body) {
        RequestHead head = RequestHead.of(method, URI.create(url).getAuthority(), path);
        HttpExchange exchange = HttpExchange.of(head, body.isEmpty() ? Body.empty() : Body.utf8(body));
        return Objects.requireNonNull(
                http2.call(exchange).flatMap(DemoClient::read).block(TIMEOUT));
    }

    private static Mono<Answer> read(HttpReply reply) {
        String servedOver = reply.fields().get(EmbeddedUpstreams.SERVED_OVER);
        return reply.body()
                .asString(MAX_BODY)
                .defaultIfEmpty("")
                .map(text -> new Answer(reply.status(), servedOver == null ? "-" : servedOver, text));
    }

    @Override
    public void close() {
        loops.closeAsync().block();
    }
}
