package io.headgate.function.api;

import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.function.http.ErrorReplies;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RefusedException;
import io.headgate.http.RequestHead;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * What pages of other origins may do: those that are allowed everything but to send credentials (CORS), the others no writes. A
 * browser sends simple requests to whatever address a page names and only keeps the answer from it, so that it is not enough to say nothing.
 */
final class OriginRule implements Stage<HttpExchange, HttpReply> {

    static final String ANY = "*";

    private static final Set<String> READS = Set.of("GET", "HEAD", "OPTIONS");
    private static final String SECONDS = "600";

    private final Set<String> allowed;
    private final @Nullable String publicOrigin;

    /** Origins in lower case. */
    OriginRule(Set<String> allowed, @Nullable String publicOrigin) {
        this.allowed = allowed;
        this.publicOrigin = publicOrigin;
    }

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        return new Layer<>("origins", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                RequestHead head = exchange.head();
                String origin = head.fields().get("origin");
                if (origin == null) {
                    return passed(next.call(exchange));
                }
                if (allowed.contains(ANY) || allowed.contains(origin.toLowerCase(Locale.ROOT))) {
                    return isPreflight(head)
                            ? Mono.fromSupplier(() -> preflight(head, origin))
                            : next.call(exchange).map(reply -> allowed(reply, origin));
                }
                return READS.contains(head.method()) || isOwn(head, origin)
                        ? passed(next.call(exchange))
                        : passed(refused(exchange, origin));
            }
        };
    }

    /** Says nothing to the page itself, but tells caches that others may be told something. */
    private Mono<HttpReply> passed(Mono<HttpReply> reply) {
        return allowed.isEmpty() ? reply : reply.map(OriginRule::varied);
    }

    private static boolean isPreflight(RequestHead head) {
        return head.method().equals("OPTIONS") && head.fields().contains("access-control-request-method");
    }

    private HttpReply preflight(RequestHead head, String origin) {
        Fields.Builder fields =
                Fields.builder().add("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE");
        String wanted = head.fields().get("access-control-request-headers");
        if (wanted != null) {
            fields.add("access-control-allow-headers", wanted);
        }
        fields.add("access-control-max-age", SECONDS);
        return allowed(HttpReply.of(204).withFields(fields.build()), origin);
    }

    private HttpReply allowed(HttpReply reply, String origin) {
        return varied(reply.withFields(reply.fields().toBuilder()
                .set("access-control-allow-origin", allowed.contains(ANY) ? ANY : origin)
                .set("access-control-expose-headers", ErrorReplies.CALL_ID + ", allow, retry-after")
                .build()));
    }

    /** Caches must not give the reply to one origin to another. */
    private static HttpReply varied(HttpReply reply) {
        return reply.withFields(reply.fields().toBuilder().add("vary", "origin").build());
    }

    /** Schemes are not compared for the host itself, as TLS may end before the gateway. */
    private boolean isOwn(RequestHead head, String origin) {
        String lower = origin.toLowerCase(Locale.ROOT);
        int host = lower.indexOf("://") + 3;
        return lower.equals(publicOrigin)
                || host > 2 && lower.substring(host).equals(head.authority().toLowerCase(Locale.ROOT));
    }

    private static Mono<HttpReply> refused(HttpExchange exchange, String origin) {
        return Mono.fromSupplier(() -> {
            exchange.body().discard();
            String message = "origin: " + Shown.text(origin) + " (expected: none, or an allowed one)";
            return ErrorReplies.of(new RefusedException(403, message), exchange.head());
        });
    }
}
