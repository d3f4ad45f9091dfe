package io.headgate.route;

import io.headgate.http.RefusedException;
import io.headgate.http.RequestHead;

/** No route matches a request. The message names its host and path, not the query, which may hold secrets. */
public final class NoRouteException extends RefusedException {

    private static final long serialVersionUID = 1L;

    NoRouteException(RequestHead head) {
        super(404, message(head));
    }

    private static String message(RequestHead head) {
        String path = head.target().substring(0, Texts.pathEnd(head.target()));
        return "route: " + Texts.printable(head.authority()) + " " + Texts.printable(path)
                + " (expected: a host and path that are served here)";
    }
}
