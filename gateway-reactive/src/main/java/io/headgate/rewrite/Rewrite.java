package io.headgate.rewrite;

import io.headgate.GatewayException;
import io.headgate.Layer;
import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RefusedException;
import io.headgate.http.RequestHead;
import io.headgate.mux.RequestException;
import io.headgate.mux.internal.HeadRules;
import java.util.Objects;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;

/**
 * Stages that change the path or the host that an upstream is asked for. A request that an edit is not about passes as the
 * very same object. What comes out is checked, so that nothing a client put into its path can break the head: 400 then.
 *
 * <p>{@code OPTIONS *} has no path and passes. The query always stays.
 */
public final class Rewrite {

    private Rewrite() {}

    /**
     * Changes the path.
     *
     * @param edit such as one of {@link PathEdit}; called once per request, on its thread, with the path without the query
     * @return the stage; fails with {@link RefusedException} when the edit makes something that is not a path
     */
    public static Stage<HttpExchange, HttpReply> path(UnaryOperator<String> edit) {
        Objects.requireNonNull(edit, "edit");
        return stage(
                "rewrite-path",
                head -> head.target().startsWith("/") ? Heads.withPath(head, edit.apply(head.path())) : head);
    }

    /**
     * Asks for another host, the same for all.
     *
     * @param authority host and optional port
     * @return the stage
     * @throws IllegalArgumentException when it is not a host
     */
    public static Stage<HttpExchange, HttpReply> host(String authority) {
        checkAuthority(authority);
        return stage("rewrite-host", head -> Heads.withAuthority(head, authority));
    }

    /**
     * Replaces hosts that match a pattern as a whole; see {@link PathEdit#replace} for patterns and replacements.
     *
     * @param pattern matched against host and optional port, in the case in which the client wrote them
     * @param replacement host and optional port
     * @return the stage; fails with {@link RefusedException} when what comes out is not a host
     */
    public static Stage<HttpExchange, HttpReply> host(String pattern, String replacement) {
        UnaryOperator<String> edit = PathEdit.replacing(pattern, replacement);
        return stage("rewrite-host", head -> Heads.withAuthority(head, edit.apply(head.authority())));
    }

    static void checkAuthority(String authority) {
        try {
            HeadRules.checkAuthority(authority);
        } catch (RequestException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static Stage<HttpExchange, HttpReply> stage(String name, UnaryOperator<RequestHead> edit) {
        return next -> new Layer<>(name, next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                RequestHead head = exchange.head();
                RequestHead edited;
                try {
                    edited = edit.apply(head);
                } catch (GatewayException e) {
                    return Mono.error(e);
                }
                return next.call(edited == head ? exchange : exchange.withHead(edited));
            }
        };
    }
}
