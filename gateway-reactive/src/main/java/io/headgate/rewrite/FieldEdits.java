package io.headgate.rewrite;

import io.headgate.GatewayException;
import io.headgate.Layer;
import io.headgate.Stage;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RefusedException;
import io.headgate.mux.internal.KnownField;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Changes of header fields, made in the order in which they are listed: once on {@linkplain #onRequests requests}, once on
 * {@linkplain #onReplies replies}.
 *
 * <pre>{@code
 * FieldEdits.create().set("x-api", "2").remove("cookie").onRequests()
 * }</pre>
 *
 * <p>Names and constant values are checked when the edit is made. Fields that frame a message, that belong to one
 * connection, or that the mux makes itself (host, content-length, transfer-encoding, connection, te, trailer, upgrade, expect
 * ...) are refused. A value that is made of a request is checked when it is made: 400 when it cannot be a value.
 *
 * <p>Immutable; each edit returns a copy. Any thread may use it.
 */
public final class FieldEdits {

    private static final FieldEdits NONE = new FieldEdits(List.of());

    /** One change; a null value removes, else {@code add} tells whether what is there stays. */
    private record Edit(String name, @Nullable Function<HttpExchange, @Nullable String> value, boolean add) {}

    private final List<Edit> edits;

    private FieldEdits(List<Edit> edits) {
        this.edits = edits;
    }

    /**
     * No edit yet.
     *
     * @return edits that change nothing
     */
    public static FieldEdits create() {
        return NONE;
    }

    /**
     * Gives a field one value, in place of those that are there.
     *
     * @param name the name
     * @param value the value
     * @return a copy with this edit at its end
     * @throws IllegalArgumentException when the name is refused or the value has a forbidden character
     */
    public FieldEdits set(String name, String value) {
        Fields.of(name, value);
        return with(new Edit(name, exchange -> value, false));
    }

    /**
     * Gives a field one value made of the request, in place of those that are there.
     *
     * @param name the name
     * @param value makes the value, once per message; null leaves the field out
     * @return a copy with this edit at its end
     * @throws IllegalArgumentException when the name is refused
     */
    public FieldEdits set(String name, Function<HttpExchange, @Nullable String> value) {
        return with(new Edit(name, Objects.requireNonNull(value, "value"), false));
    }

    /**
     * Adds a field after those that are there.
     *
     * @param name the name
     * @param value the value
     * @return a copy with this edit at its end
     * @throws IllegalArgumentException when the name is refused or the value has a forbidden character
     */
    public FieldEdits add(String name, String value) {
        Fields.of(name, value);
        return with(new Edit(name, exchange -> value, true));
    }

    /**
     * Removes all fields of a name.
     *
     * @param name the name
     * @return a copy with this edit at its end
     * @throws IllegalArgumentException when the name is refused
     */
    public FieldEdits remove(String name) {
        return with(new Edit(name, null, false));
    }

    private FieldEdits with(Edit edit) {
        Fields.of(edit.name, "");
        KnownField known = KnownField.of(edit.name);
        if (known != KnownField.OTHER && known != KnownField.COOKIE) {
            throw new IllegalArgumentException("field name: " + edit.name
                    + " (expected: an end-to-end field; this one the gateway makes itself"
                    + (known == KnownField.HOST ? ", see Rewrite.host)" : ")"));
        }
        List<Edit> more = new ArrayList<>(edits);
        more.add(edit);
        return new FieldEdits(List.copyOf(more));
    }

    /**
     * A stage that edits the head of requests. It copies the fields once, and not at all when it only removes what is not
     * there.
     *
     * @return the stage; identity when there is no edit. Fails with {@link RefusedException} when a value that is made of
     *     the request has a forbidden character
     */
    public Stage<HttpExchange, HttpReply> onRequests() {
        if (edits.isEmpty()) {
            return Stage.identity();
        }
        return next -> new Layer<>("edit-request-fields", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                Fields before = exchange.head().fields();
                Fields after;
                try {
                    after = edited(before, exchange);
                } catch (GatewayException e) {
                    return Mono.error(e);
                }
                return next.call(
                        after == before
                                ? exchange
                                : exchange.withHead(exchange.head().withFields(after)));
            }
        };
    }

    /**
     * A stage that edits the head of final replies; interim replies pass.
     *
     * @return the stage; identity when there is no edit. A value made of the request that has a forbidden character fails
     *     the call with {@link RefusedException}, and the reply is discarded
     */
    public Stage<HttpExchange, HttpReply> onReplies() {
        if (edits.isEmpty()) {
            return Stage.identity();
        }
        return next -> new Layer<>("edit-reply-fields", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                return next.call(exchange).map(reply -> edit(reply, exchange));
            }
        };
    }

    private HttpReply edit(HttpReply reply, HttpExchange exchange) {
        try {
            Fields after = edited(reply.fields(), exchange);
            return after == reply.fields() ? reply : reply.withFields(after);
        } catch (RuntimeException e) {
            reply.discard();
            throw e;
        }
    }

    private Fields edited(Fields before, HttpExchange exchange) {
        Fields.Builder after = null;
        for (int i = 0; i < edits.size(); i++) { // not for-each, which allocates, and there may be nothing to do
            Edit edit = edits.get(i);
            if (edit.value == null && after == null && !before.contains(edit.name)) {
                continue;
            }
            after = after == null ? before.toBuilder() : after;
            String value = edit.value == null ? null : edit.value.apply(exchange);
            if (value == null) {
                after.remove(edit.name);
            } else {
                put(after, edit, value);
            }
        }
        return after == null ? before : after.build();
    }

    private static void put(Fields.Builder fields, Edit edit, String value) {
        try {
            if (edit.add) {
                fields.add(edit.name, value);
            } else {
                fields.set(edit.name, value);
            }
        } catch (IllegalArgumentException e) {
            throw new RefusedException(400, String.valueOf(e.getMessage()));
        }
    }

    @Override
    public String toString() {
        return "field edits of " + edits.stream().map(Edit::name).toList();
    }
}
