package io.headgate.function.invoke;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpReply;

/**
 * What a function answered when it ended well.
 *
 * @param fields its headers, as it set them
 * @param body its output; who receives the reply reads or discards it
 */
public record InvocationReply(Fields fields, Body body) {

    /**
     * What a client over HTTP sees of it, without the body.
     *
     * @param callId the call
     * @param isThroughTrigger whether the client has called a trigger, for which the function sets status and headers itself
     * @return a reply without body
     * @throws io.headgate.function.model.FunctionException when the function wants a status that no reply can have
     */
    public HttpReply head(String callId, boolean isThroughTrigger) {
        return head(fields, callId, isThroughTrigger);
    }

    static HttpReply head(Fields function, String callId, boolean isThroughTrigger) {
        return isThroughTrigger
                ? HttpReply.of(ReplyFields.status(function), ReplyFields.trigger(function, callId), Body.empty())
                : HttpReply.of(200, ReplyFields.direct(function, callId), Body.empty());
    }
}
