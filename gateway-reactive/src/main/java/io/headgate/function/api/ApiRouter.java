package io.headgate.function.api;

import io.headgate.Service;
import io.headgate.function.api.ApiRoutes.PathRoutes;
import io.headgate.function.api.ApiRoutes.Route;
import io.headgate.function.http.MethodNotAllowedException;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.function.store.FunctionStore;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import java.util.List;
import reactor.core.publisher.Mono;

/** Finds what answers a request. */
final class ApiRouter implements Service<HttpExchange, HttpReply> {

    private final String prefix;
    private final ApiRoutes routes;
    private final FunctionStore store;

    /** The prefix is empty, or begins with a slash and does not end with one. */
    ApiRouter(String prefix, ApiRoutes routes, FunctionStore store) {
        this.prefix = prefix;
        this.routes = routes;
        this.store = store;
    }

    @Override
    public Mono<HttpReply> call(HttpExchange exchange) {
        RequestHead head = exchange.head();
        List<String> path = segments(head);
        PathRoutes found = routes.find(path);
        if (found == null) {
            return Mono.error(new FunctionException(
                    ErrorKind.NOT_FOUND, "path: " + Shown.text(head.path()) + " (expected: one of the API)"));
        }
        Route route = found.of(head.method());
        if (route == null) {
            return Mono.error(new MethodNotAllowedException(head.method(), found.allowed()));
        }
        String expect = head.fields().get("expect");
        if (expect != null && expect.equalsIgnoreCase("100-continue")) {
            exchange.interim().accept(ReplyHead.CONTINUE); // the client waits with its body until somebody wants it
        }
        return route.endpoint().call(new ApiRequest(exchange, route.parameters(path), store));
    }

    /** Decided on what the path means, not on how it is written: what guards /v2 cannot be passed by escapes. */
    boolean isVersioned(RequestHead head) {
        List<String> path = segments(head);
        return !path.isEmpty() && path.get(0).equals("v2");
    }

    /** The path with its parameters by name. */
    String template(RequestHead head) {
        try {
            PathRoutes found = routes.find(segments(head));
            return found == null ? "other" : found.template();
        } catch (FunctionException e) {
            return "other";
        }
    }

    private List<String> segments(RequestHead head) {
        String path = head.path();
        if (!path.startsWith(prefix)) {
            return List.of();
        }
        String rest = path.substring(prefix.length());
        return rest.isEmpty() ? ApiRoutes.segments("/") : ApiRoutes.segments(rest);
    }
}
