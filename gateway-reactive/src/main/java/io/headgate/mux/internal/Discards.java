package io.headgate.mux.internal;

import io.headgate.http.HttpReply;
import java.util.function.Consumer;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * The safety net below the operators of stages: a reply that one of them drops, because it came after a cancel or lost a
 * race, is discarded. Buffers are not caught here: many a stage releases a buffer and then lets an operator drop it.
 */
final class Discards {

    private static final Consumer<Object> DISCARD = dropped -> {
        if (dropped instanceof HttpReply reply) {
            reply.discard();
        }
    };

    /** A context with nothing but the net. */
    static final Context CONTEXT = Operators.enableOnDiscard(Context.empty(), DISCARD);

    private Discards() {}
}
