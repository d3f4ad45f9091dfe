package io.headgate.rpc.bridge;

import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Puts calls of this process into HTTP as it can be sent, and takes the replies out of it. Other exchanges pass. */
final class Outward extends Layer<HttpExchange, HttpReply> {

    private static final int MOST_DETAIL = 1024;

    private final RpcHttpSettings settings;
    private final EndpointPath path;
    private final Service<HttpExchange, HttpReply> next;

    Outward(RpcHttpSettings settings, EndpointPath path, Service<HttpExchange, HttpReply> next) {
        super("rpc-in-http", next);
        this.settings = settings;
        this.path = path;
        this.next = next;
    }

    @Override
    public Mono<HttpReply> call(HttpExchange exchange) {
        Direct direct = Direct.of(exchange);
        if (direct == null) {
            return next.call(exchange);
        }
        RpcRequest request = direct.request(exchange, path);
        return next.call(written(exchange, request)).flatMap(reply -> read(request, reply));
    }

    // ---- the request

    private HttpExchange written(HttpExchange exchange, RpcRequest request) {
        Format format = format(request);
        Fields.Builder fields = Metadata.passing(request.fields(), settings.metadata()).toBuilder()
                .add("te", "trailers")
                .add("accept", accept(request.accept()));
        if (format != Format.NONE) {
            fields.add("content-type", format.mediaType());
        }
        return exchange.withHead(exchange.head().withFields(fields.build())).withBody(body(request.body(), format));
    }

    /** A body whose length is known is one element; of another nobody knows how many there will be. */
    private static Format format(RpcRequest request) {
        boolean isSingle = request.body().length() != Body.UNKNOWN_LENGTH;
        return switch (request.content()) {
            case NONE -> Format.NONE;
            case JSON -> isSingle ? Format.JSON : Format.NDJSON;
            case PROTOBUF -> isSingle ? Format.PROTOBUF : Format.DELIMITED;
            case OCTETS -> Format.OCTETS;
        };
    }

    private static String accept(Content accept) {
        return switch (accept) {
            case NONE -> "*/*";
            case JSON -> "application/x-ndjson, application/json;q=0.9";
            case PROTOBUF -> "application/x-protobuf;delimited=true, application/x-protobuf;q=0.9";
            case OCTETS -> "application/octet-stream, */*;q=0.1";
        };
    }

    private static Body body(Body body, Format format) {
        if (format == Format.NONE) {
            body.discard();
            return Body.empty();
        }
        return format.isStream()
                ? new SeenBody(body, Elements.write(body, format), Body.UNKNOWN_LENGTH, Mono.empty())
                : body;
    }

    // ---- the reply

    private Mono<HttpReply> read(RpcRequest request, HttpReply reply) {
        RpcException told = Failures.told(reply.fields());
        if (told != null) {
            reply.discard();
            return Mono.error(told);
        }
        if (reply.status() / 100 != 2) {
            return failed(request, reply);
        }
        Format format = format(request, reply);
        if (format == null) {
            reply.discard();
            return Mono.error(RpcException.of(
                    RpcStatus.INTERNAL,
                    request.endpoint() + ": content-type: " + reply.fields().get("content-type") + " (expected: one of "
                            + Format.ALL + ")"));
        }
        return Mono.just(Direct.reply(new RpcReply(
                Metadata.passing(reply.fields(), settings.metadata()),
                format.content(),
                answer(reply.body(), format))));
    }

    private static @Nullable Format format(RpcRequest request, HttpReply reply) {
        Format format = Format.ofBody(reply.fields().get("content-type"));
        boolean isNothing = reply.body().isEmpty() && (format == null || !format.canBeEmpty());
        if (reply.status() == 204 || isNothing) {
            return Format.NONE;
        }
        return format == null && request.accept() == Content.OCTETS ? Format.OCTETS : format;
    }

    /** The elements, and after them the failure that trailers tell of. */
    private Body answer(Body body, Format format) {
        if (body.isEmpty() && format != Format.PROTOBUF) {
            return body;
        }
        Mono<Fields> last = Mono.defer(body::trailers).cache();
        Body elements = Elements.read(body, format, settings.maxElement());
        Flux<ByteBuf> end = last.flatMapMany(fields -> {
            RpcException told = Failures.told(fields);
            return told == null ? Flux.empty() : Flux.error(told);
        });
        return new SeenBody(
                body,
                elements.concatWith(end),
                format == Format.OCTETS ? body.length() : Body.UNKNOWN_LENGTH,
                last.map(fields -> Metadata.passing(fields, settings.metadata())));
    }

    /** A reply that says nothing of calls: its status is what there is, and a text that may help. */
    private static Mono<HttpReply> failed(RpcRequest request, HttpReply reply) {
        RpcStatus status = RpcStatus.ofHttp(reply.status());
        String message = request.endpoint() + ": HTTP status " + reply.status();
        return reply.body()
                .aggregate(MOST_DETAIL)
                .map(text -> {
                    try {
                        return message + (text.isReadable() ? ", " + text.toString(StandardCharsets.UTF_8) : "");
                    } finally {
                        text.release();
                    }
                })
                .onErrorReturn(message)
                .flatMap(full -> Mono.error(
                        RpcException.remote(status == RpcStatus.OK ? RpcStatus.UNKNOWN : status, full, false)));
    }
}
