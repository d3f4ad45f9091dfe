package io.headgate.rpc.bridge;

import io.headgate.Attributes;
import io.headgate.Key;
import io.headgate.http.ConnectionInfo;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/**
 * A call that goes through services of HTTP in this process: its elements stay what they are, buffer by buffer, and its metadata
 * are the header fields behind one that says so. An attribute keeps what has no place in a head.
 *
 * @param endpoint what is called
 * @param fields its metadata
 * @param content what its body is made of
 * @param accept what it takes in reply
 * @param head the head that was made for it
 */
record Direct(String endpoint, Fields fields, Content content, Content accept, RequestHead head) {

    private static final Key<Direct> KEY = Key.of("rpc-call");
    private static final String CONTENT_TYPE = "content-type";
    private static final AsciiString REQUEST = AsciiString.cached("application/vnd.headgate.rpc");

    /** By ordinal of the content. */
    private static final AsciiString[] REPLIES = {
        AsciiString.cached("application/vnd.headgate.rpc;content=none"),
        AsciiString.cached("application/vnd.headgate.rpc;content=json"),
        AsciiString.cached("application/vnd.headgate.rpc;content=protobuf"),
        AsciiString.cached("application/vnd.headgate.rpc;content=octets")
    };

    private static final Content[] CONTENTS = Content.values();
    private static final Fields BARE = Metadata.after(CONTENT_TYPE, REQUEST, Fields.empty());

    // ---- down

    static HttpExchange exchange(RpcRequest request, EndpointPath path, String authority) {
        Fields fields = request.fields().isEmpty() ? BARE : Metadata.after(CONTENT_TYPE, REQUEST, request.fields());
        RequestHead head = new RequestHead("POST", "http", authority, path.of(request.endpoint()), fields);
        Direct direct = new Direct(request.endpoint(), request.fields(), request.content(), request.accept(), head);
        Attributes attributes = request.attributes().with(KEY, direct);
        return new HttpExchange(
                head, request.body(), ConnectionInfo.NONE, request.deadline(), attributes, interim -> {});
    }

    /** What an exchange carries that comes of a call in this process, or null. */
    static @Nullable Direct of(HttpExchange exchange) {
        Direct direct = exchange.attributes().get(KEY);
        return direct == null || typeAt(exchange.head().fields(), REQUEST) < 0 ? null : direct;
    }

    private static int typeAt(Fields fields, AsciiString type) {
        int at = fields.indexOf(CONTENT_TYPE, 0);
        return at >= 0 && AsciiString.contentEquals(fields.value(at), type) ? at : -1;
    }

    /** The call again, with whatever stages have made of it. */
    RpcRequest request(HttpExchange exchange, EndpointPath path) {
        RequestHead now = exchange.head();
        boolean isSame = now == head;
        return new RpcRequest(
                isSame || now.target().equals(head.target()) ? endpoint : path.endpoint(now),
                isSame ? fields : Metadata.without(typeAt(now.fields(), REQUEST), now.fields()),
                content,
                accept,
                exchange.body(),
                exchange.deadline(),
                exchange.attributes());
    }

    // ---- up

    static HttpReply reply(RpcReply reply) {
        AsciiString type = REPLIES[reply.content().ordinal()];
        return HttpReply.of(200, Metadata.after(CONTENT_TYPE, type, reply.fields()), reply.body());
    }

    /** The reply of a call; discards and fails when it is not one. */
    static RpcReply reply(RpcRequest request, HttpReply reply) {
        Fields fields = reply.fields();
        int at = fields.indexOf(CONTENT_TYPE, 0);
        CharSequence type = at < 0 ? "none" : fields.value(at);
        for (int i = 0; i < REPLIES.length; i++) {
            if (reply.status() == 200 && AsciiString.contentEquals(type, REPLIES[i])) {
                return new RpcReply(Metadata.without(at, fields), CONTENTS[i], reply.body());
            }
        }
        reply.discard();
        throw RpcException.of(
                RpcStatus.INTERNAL,
                request.endpoint() + ": reply of status " + reply.status() + " and content-type " + type
                        + " (expected: one of a service made by RpcHttp.toHttp in this process; RpcHttp.toRpc takes any)");
    }
}
