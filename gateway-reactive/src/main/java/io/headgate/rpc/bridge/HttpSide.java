package io.headgate.rpc.bridge;

import io.headgate.GatewayException;
import io.headgate.http.Body;
import io.headgate.http.BodyTooLargeException;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.HttpVersion;
import io.headgate.http.RefusedException;
import io.headgate.http.ReplyHead;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import io.netty.util.ReferenceCountUtil;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** A call that came by HTTP: the request that is made of it, and the reply that is made of its answer. */
final class HttpSide {

    private final RpcHttpSettings settings;
    private final HttpExchange exchange;
    private final RpcRequest request;
    private final Format accepted;
    private final AtomicReference<@Nullable Throwable> unreadable;

    private HttpSide(
            RpcHttpSettings settings,
            HttpExchange exchange,
            RpcRequest request,
            Format accepted,
            AtomicReference<@Nullable Throwable> unreadable) {
        this.settings = settings;
        this.exchange = exchange;
        this.request = request;
        this.accepted = accepted;
        this.unreadable = unreadable;
    }

    /** Reads a request, or throws what it is refused with; takes ownership of the body unless it throws. */
    static HttpSide of(RpcHttpSettings settings, EndpointPath path, HttpExchange exchange) {
        Fields fields = exchange.head().fields();
        if (!exchange.head().method().equals("POST")) {
            throw new MethodException(exchange.head().method());
        }
        String endpoint = path.endpoint(exchange.head());
        Format sent = sent(exchange);
        Format accepted = Format.accepted(fields.all("accept"), sent);
        if (!sent.isStream()
                && sent.content() != Content.OCTETS
                && exchange.body().length() > settings.maxElement()) {
            throw BodyTooLargeException.refused(settings.maxElement());
        }
        AtomicReference<@Nullable Throwable> unreadable = new AtomicReference<>();
        RpcRequest request = new RpcRequest(
                endpoint,
                Metadata.passing(fields, settings.metadata()),
                sent.content(),
                accepted.content(),
                Elements.read(exchange.body(), sent, settings.maxElement(), unreadable::set),
                exchange.deadline(),
                exchange.attributes());
        return new HttpSide(settings, exchange, request, accepted, unreadable);
    }

    private static Format sent(HttpExchange exchange) {
        Fields fields = exchange.head().fields();
        String type = fields.get("content-type");
        Format format = Format.ofBody(type);
        if (exchange.body().length() == 0 && (format == null || !format.canBeEmpty())) {
            return Format.NONE;
        }
        String encoding = fields.get("content-encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new RefusedException(415, "content-encoding: " + encoding + " (expected: none)");
        }
        if (format == null) {
            throw new RefusedException(
                    415,
                    "content-type: " + type + " (expected: one of " + Format.ALL.replace(", text/event-stream", "")
                            + ")");
        }
        return format;
    }

    RpcRequest request() {
        if (exchange.head().fields().contains("expect")) {
            exchange.interim().accept(ReplyHead.CONTINUE);
        }
        return request;
    }

    // ---- the answer

    /** What was wrong with the body says more than what the call has made of it, on whatever wire. */
    Throwable failure(Throwable error) {
        Throwable cause = unreadable.get();
        return Failures.toHttp(cause instanceof GatewayException ? cause : error);
    }

    Mono<HttpReply> reply(RpcReply reply) {
        Fields fields = Metadata.passing(reply.fields(), settings.metadata());
        return switch (reply.content()) {
            case OCTETS -> Mono.just(stream(reply, fields, Format.OCTETS));
            case NONE -> single(reply, fields, Format.NONE);
            case JSON ->
                accepted.content() == Content.JSON && accepted.isStream()
                        ? Mono.just(stream(reply, fields, accepted))
                        : single(reply, fields, Format.JSON);
            case PROTOBUF ->
                accepted == Format.DELIMITED
                        ? Mono.just(stream(reply, fields, accepted))
                        : single(reply, fields, Format.PROTOBUF);
        };
    }

    private HttpReply stream(RpcReply reply, Fields fields, Format format) {
        Fields.Builder all = fields.toBuilder().add("content-type", format.mediaType());
        if (format == Format.EVENTS) {
            all.set("cache-control", "no-cache");
        }
        Body body = reply.body();
        Flux<ByteBuf> chunks = Elements.write(body, format);
        Mono<Fields> trailers = Mono.defer(body::trailers).map(last -> Metadata.passing(last, settings.metadata()));
        long length = format == Format.OCTETS ? body.length() : Body.UNKNOWN_LENGTH;
        if (!takesTrailers()) {
            return HttpReply.of(200, all.build(), new SeenBody(body, chunks, length, trailers));
        }
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        Flux<ByteBuf> whole = chunks.onErrorResume(error -> {
            failure.set(error);
            return Flux.empty();
        });
        Mono<Fields> told = Mono.defer(() -> {
            Throwable error = failure.get();
            return error == null ? trailers : Mono.just(Failures.trailers(error, request.endpoint()));
        });
        return HttpReply.of(200, all.build(), new SeenBody(body, whole, Body.UNKNOWN_LENGTH, told));
    }

    /** Whether trailers reach who asks (RFC 9110 section 6.5.1), as by HTTP/1.0 they cannot; to others a body that fails is cut. */
    private boolean takesTrailers() {
        String te = exchange.head().fields().get("te");
        return te != null && te.contains("trailers") && exchange.connection().version() != HttpVersion.HTTP_1_0;
    }

    /** Waits for the end of an answer of one element at most, so that its failure can still be a status. */
    private Mono<HttpReply> single(RpcReply reply, Fields fields, Format format) {
        return reply.body()
                .take(2)
                .collectList()
                .contextWrite(context -> Operators.enableOnDiscard(context, ReferenceCountUtil::safeRelease))
                .flatMap(elements -> single(reply, fields, format, elements))
                .onErrorMap(this::failure);
    }

    private Mono<HttpReply> single(RpcReply reply, Fields fields, Format format, List<ByteBuf> elements) {
        int most = format == Format.NONE ? 0 : 1;
        if (elements.size() > most) {
            elements.forEach(ByteBuf::release);
            return Mono.error(tooMany(format));
        }
        Body body = elements.isEmpty() ? Body.empty() : Body.of(elements.get(0));
        Fields all = elements.isEmpty() ? fields : Metadata.after("content-type", format.mediaType(), fields);
        HttpReply whole = HttpReply.of(elements.isEmpty() ? 204 : 200, all, body);
        if (body.isEmpty()) {
            return Mono.just(whole);
        }
        return reply.body()
                .trailers()
                .map(trailers -> Metadata.passing(trailers, settings.metadata()))
                .filter(trailers -> !trailers.isEmpty())
                .map(trailers -> whole.withBody(new SeenBody(body, body, Body.UNKNOWN_LENGTH, Mono.just(trailers))))
                .defaultIfEmpty(whole)
                .doOnError(error -> whole.discard());
    }

    private Throwable tooMany(Format format) {
        return format == Format.NONE
                ? RpcException.of(RpcStatus.INTERNAL, request.endpoint() + ": an element (expected: none)")
                : new RefusedException(
                        406,
                        request.endpoint() + ": more than one element (expected: accept: "
                                + (format == Format.JSON
                                        ? Format.NDJSON.mediaType() + " or " + Format.EVENTS.mediaType()
                                        : Format.DELIMITED.mediaType())
                                + ")");
    }

    /** Calls are made by POST alone: all other methods promise what only the endpoint could (RFC 9110 section 9.2). */
    private static final class MethodException extends RefusedException {

        private static final long serialVersionUID = 1L;

        MethodException(String method) {
            super(405, "method: " + method + " (expected: POST)");
        }

        @Override
        public Map<String, String> replyFields() {
            return Map.of("allow", "POST");
        }
    }
}
