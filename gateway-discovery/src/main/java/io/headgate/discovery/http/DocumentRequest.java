package io.headgate.discovery.http;

import io.headgate.Service;
import io.headgate.discovery.EndpointDocument;
import io.headgate.discovery.internal.Reading;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import java.net.URI;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Asks for a document again and again, and only for its content when that has changed. One request at a time. */
final class DocumentRequest {

    private final Service<HttpExchange, HttpReply> client;
    private final URI uri;
    private final int maxBytes;
    private final Scheduler parser;

    private volatile Reading last = Reading.NONE;
    private volatile @Nullable String etag;
    private volatile Duration retryAfter = Duration.ZERO;

    DocumentRequest(Service<HttpExchange, HttpReply> client, URI uri, int maxBytes, Scheduler parser) {
        this.client = client;
        this.uri = uri;
        this.maxBytes = maxBytes;
        this.parser = parser;
    }

    Mono<Reading> send() {
        retryAfter = Duration.ZERO;
        return client.call(HttpExchange.of(head(), Body.empty())).flatMap(this::read);
    }

    private RequestHead head() {
        Fields.Builder fields = Fields.builder().add("accept", "application/json");
        String known = etag;
        if (known != null) {
            fields.add("if-none-match", known);
        }
        String path = uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        String target = uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
        return new RequestHead("GET", uri.getScheme(), uri.getRawAuthority(), target, fields.build());
    }

    private Mono<Reading> read(HttpReply reply) {
        if (reply.status() == 200) {
            return reply.body()
                    .asBytes(maxBytes)
                    .publishOn(parser)
                    .map(json -> parsed(json, reply.fields().get("etag")));
        }
        reply.discard();
        retryAfter = retryAfter(reply.fields().get("retry-after"));
        if (reply.status() == 304 && etag != null) {
            return Mono.just(told(Reading.of(last.document())));
        }
        IllegalStateException failure =
                new IllegalStateException(uri + ": status " + reply.status() + " (expected: 200 or 304)");
        boolean missing = reply.status() == 404 || reply.status() == 410;
        return Mono.just(missing ? told(last.missing(failure)) : failed(failure));
    }

    private Reading parsed(byte[] json, @Nullable String tag) {
        EndpointDocument document = EndpointDocument.parse(uri.toString(), json);
        etag = tag;
        return told(Reading.of(document));
    }

    Reading failed(Throwable failure) {
        return told(last.failed(failure));
    }

    private Reading told(Reading reading) {
        last = reading;
        return reading;
    }

    /** What the server asked for with its last answer; zero when it did not ask, or could not be understood. */
    Duration retryAfter() {
        return retryAfter;
    }

    private static Duration retryAfter(@Nullable String value) {
        if (value == null) {
            return Duration.ZERO;
        }
        try {
            return value.chars().allMatch(c -> c >= '0' && c <= '9')
                    ? Duration.ofSeconds(value.length() > 9 ? Integer.MAX_VALUE : Long.parseLong(value))
                    : Duration.between(
                            ZonedDateTime.now(ZoneOffset.UTC),
                            ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME));
        } catch (DateTimeParseException | NumberFormatException unknown) {
            return Duration.ZERO;
        }
    }
}
