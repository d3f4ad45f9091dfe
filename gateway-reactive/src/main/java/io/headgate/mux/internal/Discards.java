package io.headgate.mux.internal;

import io.headgate.http.HttpReply;
import io.netty.util.ReferenceCountUtil;
import java.util.function.Consumer;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/**
 * The safety net below the operators of stages: what an operator drops, a reply that came after a cancel or a buffer that a
 * filter took out, is freed.
 */
final class Discards {

    private static final Consumer<Object> FREE = dropped -> {
        if (dropped instanceof HttpReply reply) {
            reply.discard();
        } else {
            ReferenceCountUtil.release(dropped);
        }
    };

    /** A context with nothing but the net. */
    static final Context CONTEXT = Operators.enableOnDiscard(Context.empty(), FREE);

    private Discards() {}
}
