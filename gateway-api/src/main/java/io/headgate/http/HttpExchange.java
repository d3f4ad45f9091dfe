package io.headgate.http;

import io.headgate.Attributes;
import io.headgate.Deadline;
import io.headgate.Key;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * The input of an HTTP service: the head and the streaming body of a request, with what belongs to the exchange as a
 * whole. Immutable; {@code with...} makes cheap copies that share all the rest.
 *
 * <p><b>Ownership.</b> The service owns the body from the subscription of its call on. A body that nobody consumes is
 * discarded by the connection when the exchange ends.
 */
public final class HttpExchange {

    private static final Consumer<ReplyHead> IGNORE_INTERIM = head -> {};

    private final RequestHead head;
    private final Body body;
    private final ConnectionInfo connection;
    private final Deadline deadline;
    private final Attributes attributes;
    private final Consumer<ReplyHead> interim;

    /**
     * An exchange of given parts.
     *
     * @param head the request head
     * @param body the request body; takes ownership
     * @param connection the client connection
     * @param deadline when the answer is of no use any more
     * @param attributes what stages tell each other
     * @param interim takes the interim replies; see {@link #interim}
     */
    public HttpExchange(
            RequestHead head,
            Body body,
            ConnectionInfo connection,
            Deadline deadline,
            Attributes attributes,
            Consumer<ReplyHead> interim) {
        this.head = Objects.requireNonNull(head, "head");
        this.body = Objects.requireNonNull(body, "body");
        this.connection = Objects.requireNonNull(connection, "connection");
        this.deadline = Objects.requireNonNull(deadline, "deadline");
        this.attributes = Objects.requireNonNull(attributes, "attributes");
        this.interim = Objects.requireNonNull(interim, "interim");
    }

    /**
     * An exchange that did not come from a connection: no deadline, no attributes, interim replies ignored.
     *
     * @param head the request head
     * @param body the request body; takes ownership
     * @return the exchange
     */
    public static HttpExchange of(RequestHead head, Body body) {
        return new HttpExchange(head, body, ConnectionInfo.NONE, Deadline.NONE, Attributes.EMPTY, IGNORE_INTERIM);
    }

    /**
     * The request head.
     *
     * @return the head
     */
    public RequestHead head() {
        return head;
    }

    /**
     * The request body.
     *
     * @return the body; see {@link Body} for who owns what
     */
    public Body body() {
        return body;
    }

    /**
     * The client connection.
     *
     * @return what is known of it
     */
    public ConnectionInfo connection() {
        return connection;
    }

    /**
     * When the answer is of no use any more.
     *
     * @return an absolute deadline
     */
    public Deadline deadline() {
        return deadline;
    }

    /**
     * What stages tell each other about this exchange.
     *
     * @return the attributes
     */
    public Attributes attributes() {
        return attributes;
    }

    /**
     * Where interim replies (1xx) go, in order and before the final reply. A service that is about to read the body of a
     * request with {@code Expect: 100-continue} may send {@link ReplyHead#CONTINUE}; a proxy passes on what its upstream
     * sends. Heads that the protocol of the client cannot carry, and all after the final reply, are dropped.
     *
     * @return takes interim heads, on any thread
     */
    public Consumer<ReplyHead> interim() {
        return interim;
    }

    /**
     * A copy with another head.
     *
     * @param changed the head
     * @return the copy
     */
    public HttpExchange withHead(RequestHead changed) {
        return new HttpExchange(changed, body, connection, deadline, attributes, interim);
    }

    /**
     * A copy with another body. The old body is not discarded: either the new one is made of it or the caller discards it.
     *
     * @param changed the body; takes ownership
     * @return the copy
     */
    public HttpExchange withBody(Body changed) {
        return new HttpExchange(head, changed, connection, deadline, attributes, interim);
    }

    /** A copy to be looked at when the exchange is over: it holds on to nothing that carries bytes. */
    HttpExchange withoutBody() {
        return new HttpExchange(head, Body.empty(), connection, deadline, attributes, IGNORE_INTERIM);
    }

    /**
     * A copy whose deadline is the earlier of two.
     *
     * @param other the other deadline
     * @return the copy, or this when the other one is not earlier
     */
    public HttpExchange withDeadline(Deadline other) {
        Deadline earlier = deadline.min(other);
        return earlier == deadline ? this : new HttpExchange(head, body, connection, earlier, attributes, interim);
    }

    /**
     * A copy with one attribute set.
     *
     * @param key the key
     * @param value the value
     * @param <V> the type of the value
     * @return the copy
     */
    public <V> HttpExchange withAttribute(Key<V> key, V value) {
        return new HttpExchange(head, body, connection, deadline, attributes.with(key, value), interim);
    }

    /**
     * A copy whose interim replies go elsewhere.
     *
     * @param changed takes interim heads
     * @return the copy
     */
    public HttpExchange withInterim(Consumer<ReplyHead> changed) {
        return new HttpExchange(head, body, connection, deadline, attributes, changed);
    }

    @Override
    public String toString() {
        return head.method() + " " + head.scheme() + "://" + head.authority() + head.target();
    }
}
