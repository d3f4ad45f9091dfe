package io.headgate.rpc;

import io.headgate.Attributes;
import io.headgate.Deadline;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import java.util.Objects;

/**
 * The input of a call: what is called, with what. Immutable; {@code with...} makes cheap copies.
 *
 * <p><b>Ownership.</b> The service owns the body from the subscription of its call on.
 *
 * @param endpoint the name of the endpoint, 1 to 255 characters; for typed endpoints {@code Interface/method}
 * @param fields metadata of the call; names in lower case
 * @param content what the elements of the body are made of
 * @param accept what the caller takes in reply
 * @param body the elements: each buffer is one, except for {@link Content#OCTETS}, where boundaries mean nothing. Its trailers
 *     are not sent
 * @param deadline when the answer is of no use any more; on the wire it travels as the time that is left
 * @param attributes what stages of this side tell each other; they do not travel
 */
public record RpcRequest(
        String endpoint,
        Fields fields,
        Content content,
        Content accept,
        Body body,
        Deadline deadline,
        Attributes attributes) {

    /** Longest name of an endpoint, in bytes of UTF-8. */
    public static final int MAX_ENDPOINT = 255;

    /** Checks the name. */
    public RpcRequest {
        Objects.requireNonNull(fields, "fields");
        Objects.requireNonNull(content, "content");
        Objects.requireNonNull(accept, "accept");
        Objects.requireNonNull(body, "body");
        Objects.requireNonNull(deadline, "deadline");
        Objects.requireNonNull(attributes, "attributes");
        if (endpoint.isEmpty() || endpoint.length() > MAX_ENDPOINT) {
            throw new IllegalArgumentException(
                    "endpoint: " + endpoint.length() + " characters (expected: 1.." + MAX_ENDPOINT + ")");
        }
    }

    /**
     * A call without metadata, deadline and attributes.
     *
     * @param endpoint the name of the endpoint
     * @param content what the body is made of
     * @param accept what the caller takes in reply
     * @param body the elements; takes ownership
     * @return the request
     */
    public static RpcRequest of(String endpoint, Content content, Content accept, Body body) {
        return new RpcRequest(endpoint, Fields.empty(), content, accept, body, Deadline.NONE, Attributes.EMPTY);
    }

    /**
     * A copy with other metadata.
     *
     * @param changed the fields
     * @return the copy
     */
    public RpcRequest withFields(Fields changed) {
        return new RpcRequest(endpoint, changed, content, accept, body, deadline, attributes);
    }

    /**
     * A copy with another body. The old one is not discarded: either the new one is made of it or the caller discards it.
     *
     * @param changed the elements; takes ownership
     * @return the copy
     */
    public RpcRequest withBody(Body changed) {
        return new RpcRequest(endpoint, fields, content, accept, changed, deadline, attributes);
    }

    /**
     * A copy whose deadline is the earlier of two.
     *
     * @param other the other deadline
     * @return the copy, or this when the other one is not earlier
     */
    public RpcRequest withDeadline(Deadline other) {
        Deadline earlier = deadline.min(other);
        return earlier == deadline
                ? this
                : new RpcRequest(endpoint, fields, content, accept, body, earlier, attributes);
    }

    /**
     * A copy with other attributes.
     *
     * @param changed the attributes
     * @return the copy
     */
    public RpcRequest withAttributes(Attributes changed) {
        return new RpcRequest(endpoint, fields, content, accept, body, deadline, changed);
    }

    @Override
    public String toString() {
        return "call of " + endpoint;
    }
}
