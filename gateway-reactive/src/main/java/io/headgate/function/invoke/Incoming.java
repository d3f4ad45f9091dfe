package io.headgate.function.invoke;

import io.headgate.function.model.CallType;
import io.headgate.function.store.Target;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;

/**
 * A request that has become a call.
 *
 * @param id of the call
 * @param exchange the request
 * @param target what it is for
 * @param type how it is made
 */
record Incoming(String id, HttpExchange exchange, Target target, CallType type) {

    boolean isThroughTrigger() {
        return target.trigger() != null;
    }

    Fields fields() {
        return isThroughTrigger()
                ? RequestFields.trigger(exchange.head(), target.parameters())
                : RequestFields.direct(exchange.head().fields());
    }

    Invocation invocation(Body payload) {
        return new Invocation(
                id,
                type,
                target.app(),
                target.fn(),
                target.trigger(),
                fields(),
                payload,
                exchange.deadline(),
                InvocationWatch.NONE);
    }

    /**
     * The reply for the client.
     *
     * @throws io.headgate.function.model.FunctionException when the function wants a status that no reply can have
     */
    HttpReply reply(Fields ofFunction) {
        return InvocationReply.head(ofFunction, id, isThroughTrigger());
    }
}
