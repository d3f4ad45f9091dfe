package io.headgate.rpc;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import java.util.Objects;

/**
 * The output of a call that has begun to answer. A call that fails before that fails its {@code Mono} with an
 * {@link RpcException}; one that fails later fails the body with one, and the connection stays usable.
 *
 * <p><b>Ownership.</b> Who receives a reply owns its body and passes it on, consumes it, or calls {@link #discard}.
 *
 * @param fields metadata; names in lower case
 * @param content what the elements of the body are made of
 * @param body the elements: each buffer is one, except for {@link Content#OCTETS}; its trailers are metadata that came last
 */
public record RpcReply(Fields fields, Content content, Body body) {

    /** Checks that nothing is missing. */
    public RpcReply {
        Objects.requireNonNull(fields, "fields");
        Objects.requireNonNull(content, "content");
        Objects.requireNonNull(body, "body");
    }

    /**
     * A reply without metadata.
     *
     * @param content what the body is made of
     * @param body the elements; takes ownership
     * @return the reply
     */
    public static RpcReply of(Content content, Body body) {
        return new RpcReply(Fields.empty(), content, body);
    }

    /**
     * A copy with other metadata; the body passes to the copy.
     *
     * @param changed the fields
     * @return the copy
     */
    public RpcReply withFields(Fields changed) {
        return new RpcReply(changed, content, body);
    }

    /**
     * A copy with another body. The old one is not discarded: either the new one is made of it or the caller discards it.
     *
     * @param changed the elements; takes ownership
     * @return the copy
     */
    public RpcReply withBody(Body changed) {
        return new RpcReply(fields, content, changed);
    }

    /** Drops the reply: the other side is told that nobody wants it. May be called again. */
    public void discard() {
        body.discard();
    }
}
