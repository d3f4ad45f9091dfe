package io.headgate.trace;

import io.headgate.Key;
import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.forward.Networks;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Gives each request an id: in {@code X-Request-Id} for the upstream, under {@link #KEY} for later stages, and in the reply
 * when asked to.
 *
 * <p>An id that came with the request is replaced unless it is to be {@linkplain #withKept kept}, is the only one, and looks
 * like one: 1 to 128 letters, digits and marks of <code>- . _ ~ : = + /</code>. New ones are UUIDs of version 7 (RFC 9562),
 * which sort by time; they are no secrets. {@code traceparent} and its like are left alone.
 *
 * <p>One id is made for each call, so a retrier below this stage sends the same one again. Immutable; each {@code with}
 * method returns a copy.
 */
public final class RequestId implements Stage<HttpExchange, HttpReply> {

    /** Where the stage leaves the id for others, as an attribute and as a {@linkplain ExchangeNotes note}. */
    public static final Key<String> KEY = Key.of("request-id");

    private static final String DEFAULT_NAME = "x-request-id";
    private static final int LONGEST = 128;
    private static final String MARKS = "-._~:=+/";

    private final String name;
    private final String twin;
    private final Predicate<HttpExchange> kept;
    private final boolean onReply;
    private final Supplier<String> ids;

    private RequestId(String name, Predicate<HttpExchange> kept, boolean onReply, Supplier<String> ids) {
        this.name = name;
        this.twin = name.replace('-', '_');
        this.kept = kept;
        this.onReply = onReply;
        this.ids = ids;
    }

    /**
     * Makes a new id for each request, whatever came with it, and keeps it from the client.
     *
     * @return the stage
     */
    public static RequestId create() {
        return new RequestId(DEFAULT_NAME, exchange -> false, false, new TimeOrderedIds());
    }

    /**
     * A copy that uses another field.
     *
     * @param changed the name; {@code x-request-id} unless set
     * @return the copy
     * @throws IllegalArgumentException when it is not a token
     */
    public RequestId withName(String changed) {
        Fields.of(changed, "");
        return new RequestId(changed, kept, onReply, ids);
    }

    /**
     * A copy that keeps the ids of some peers.
     *
     * @param peers the networks of those who make good ids; {@link Networks#NONE} unless set
     * @return the copy
     */
    public RequestId withKept(Networks peers) {
        Objects.requireNonNull(peers, "peers");
        return new RequestId(
                name, exchange -> peers.contains(exchange.connection().remoteAddress()), onReply, ids);
    }

    /**
     * A copy that keeps the ids of everybody. A client can then make its requests look like those of another one.
     *
     * @return the copy
     */
    public RequestId withAllKept() {
        return new RequestId(name, exchange -> true, onReply, ids);
    }

    /**
     * A copy that also tells the client, in place of what the upstream may have told.
     *
     * @param changed whether to; false unless set
     * @return the copy
     */
    public RequestId withReply(boolean changed) {
        return new RequestId(name, kept, changed, ids);
    }

    /**
     * A copy with another source of ids.
     *
     * @param changed called once per request on its event loop; must not block. Its ids are written as they are
     * @return the copy
     */
    public RequestId withIds(Supplier<String> changed) {
        return new RequestId(name, kept, onReply, Objects.requireNonNull(changed, "changed"));
    }

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        return new Layer<>("request-id", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                String valid = kept.test(exchange) ? valid(exchange.head().fields()) : null;
                String id = valid == null ? ids.get() : valid;
                Mono<HttpReply> reply = next.call(edit(exchange, id, valid != null));
                return onReply ? reply.map(onReply(id)) : reply;
            }
        };
    }

    private HttpExchange edit(HttpExchange exchange, String id, boolean present) {
        Fields fields = exchange.head().fields();
        boolean hasTwin = !twin.equals(name) && fields.contains(twin);
        if (!present || hasTwin) {
            Fields.Builder edited = fields.toBuilder();
            if (hasTwin) {
                edited.remove(twin);
            }
            fields = edited.set(name, id).build();
        }
        ExchangeNotes.note(exchange, KEY, id);
        return new HttpExchange(
                exchange.head().withFields(fields),
                exchange.body(),
                exchange.connection(),
                exchange.deadline(),
                exchange.attributes().with(KEY, id),
                exchange.interim());
    }

    private Function<HttpReply, HttpReply> onReply(String id) {
        return reply -> reply.withFields(reply.fields().with(name, id));
    }

    private @Nullable String valid(Fields fields) {
        int at = fields.indexOf(name, 0);
        if (at < 0 || fields.indexOf(name, at + 1) >= 0) {
            return null;
        }
        CharSequence value = fields.value(at);
        boolean valid = value.length() > 0 && value.length() <= LONGEST;
        for (int i = 0; valid && i < value.length(); i++) {
            char c = value.charAt(i);
            valid = c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || MARKS.indexOf(c) >= 0;
        }
        return valid ? value.toString() : null;
    }
}
