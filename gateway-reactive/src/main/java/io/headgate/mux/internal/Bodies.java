package io.headgate.mux.internal;

import io.headgate.http.Body;

/** Joins bodies and sinks. */
public final class Bodies {

    private Bodies() {}

    /**
     * Sends a body to a sink: by a link when the body is the reading half of a connection on this loop, else by Reactor
     * signals. Called on the loop.
     */
    public static void pipe(Body body, BodySink sink, Loop loop) {
        if (body instanceof InboundBody inbound && inbound.loop() == loop) {
            inbound.link(sink);
        } else if (body instanceof LinkableBody view && isLinked(view.linked(), loop) && view.take()) {
            pipe(view.linked(), sink, loop);
        } else {
            FluxFeed feed = new FluxFeed(body, sink, loop);
            sink.begin(feed);
            body.subscribe(feed);
        }
    }

    private static boolean isLinked(Body body, Loop loop) {
        return body instanceof InboundBody inbound
                ? inbound.loop() == loop
                : body instanceof LinkableBody view && isLinked(view.linked(), loop);
    }
}
