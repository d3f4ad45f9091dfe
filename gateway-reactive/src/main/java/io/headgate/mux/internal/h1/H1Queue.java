package io.headgate.mux.internal.h1;

import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;

/** What a client has pipelined: parts of requests that came before their turn. */
final class H1Queue {

    private final ArrayDeque<HttpObject> parts = new ArrayDeque<>(0);

    boolean isEmpty() {
        return parts.isEmpty();
    }

    void add(HttpObject part) {
        parts.add(part);
    }

    HttpObject remove() {
        return parts.remove();
    }

    /** Whether the next part begins a request. */
    boolean isAtHead() {
        return parts.peek() instanceof HttpRequest;
    }

    /** Whether any part begins a request. */
    boolean hasHead() {
        for (HttpObject part : parts) {
            if (part instanceof HttpRequest) {
                return true;
            }
        }
        return false;
    }

    /** Drops what waits. */
    void release() {
        parts.forEach(ReferenceCountUtil::release);
        parts.clear();
    }
}
