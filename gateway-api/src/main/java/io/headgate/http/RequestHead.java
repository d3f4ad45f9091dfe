package io.headgate.http;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The head of a request, the same for HTTP/1.1 and HTTP/2. A head is always well-formed (see {@link RequestSyntax}): what
 * stages make of what clients sent cannot break the message that an upstream gets.
 *
 * @param method a token, case-sensitive, for example {@code GET}
 * @param scheme {@code http} or {@code https}
 * @param authority host and optional port that the client asked for; what HTTP/1.1 calls Host
 * @param target path and query as the client sent them, starting with a slash, or {@code *} for OPTIONS
 * @param fields the header fields, without {@code host}
 * @param upgrade the protocol that the client wants to go on with, for example {@code websocket}, or null: what HTTP/1.1 calls
 *     Upgrade and HTTP/2 {@code :protocol} (RFC 8441); see {@link HttpReply#upgraded}
 */
public record RequestHead(
        String method,
        String scheme,
        String authority,
        String target,
        Fields fields,
        @Nullable String upgrade) {

    /** Checks the parts; an {@code IllegalArgumentException} names the one that is malformed. */
    public RequestHead {
        Objects.requireNonNull(method, "method");
        Objects.requireNonNull(scheme, "scheme");
        Objects.requireNonNull(authority, "authority");
        Objects.requireNonNull(target, "target");
        Objects.requireNonNull(fields, "fields");
        check("method", method, RequestSyntax.isMethod(method), "a token");
        check("scheme", scheme, RequestSyntax.isScheme(scheme), "http or https");
        check("authority", authority, RequestSyntax.isAuthority(authority), "host and optional port");
        check("target", target, isTarget(method, target), "a path that starts with a slash and has no space");
    }

    private static boolean isTarget(String method, String target) {
        return RequestSyntax.isPath(target)
                || target.equals("*")
                || method.equals("CONNECT") && RequestSyntax.isAuthority(target);
    }

    private static void check(String part, String value, boolean valid, String expected) {
        if (!valid) {
            throw new IllegalArgumentException(
                    part + ": " + FieldSyntax.printable(value) + " (expected: " + expected + ")");
        }
    }

    /**
     * A head that asks for no upgrade.
     *
     * @param method the method
     * @param scheme {@code http} or {@code https}
     * @param authority host and optional port
     * @param target path and query
     * @param fields the header fields
     */
    public RequestHead(String method, String scheme, String authority, String target, Fields fields) {
        this(method, scheme, authority, target, fields, null);
    }

    /**
     * A head without fields.
     *
     * @param method the method
     * @param authority host and optional port
     * @param target path and query
     * @return the head, of scheme http
     */
    public static RequestHead of(String method, String authority, String target) {
        return new RequestHead(method, "http", authority, target, Fields.empty());
    }

    /**
     * The path: the target up to the query. It is as the client sent it, not decoded and not normalised.
     *
     * @return the path
     */
    public String path() {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    /**
     * The query: what follows the first question mark of the target, not decoded.
     *
     * @return the query, empty when there is none
     */
    public String query() {
        int query = target.indexOf('?');
        return query < 0 ? "" : target.substring(query + 1);
    }

    /**
     * A copy with another method.
     *
     * @param changed the method
     * @return the copy
     */
    public RequestHead withMethod(String changed) {
        return new RequestHead(changed, scheme, authority, target, fields, upgrade);
    }

    /**
     * A copy with another authority.
     *
     * @param changed host and optional port
     * @return the copy
     */
    public RequestHead withAuthority(String changed) {
        return new RequestHead(method, scheme, changed, target, fields, upgrade);
    }

    /**
     * A copy with another target.
     *
     * @param changed path and query
     * @return the copy
     */
    public RequestHead withTarget(String changed) {
        return new RequestHead(method, scheme, authority, changed, fields, upgrade);
    }

    /**
     * A copy with other fields.
     *
     * @param changed the fields
     * @return the copy
     */
    public RequestHead withFields(Fields changed) {
        return new RequestHead(method, scheme, authority, target, changed, upgrade);
    }

    /**
     * A copy that asks for another upgrade.
     *
     * @param changed the protocol, or null for no upgrade: then the request is an ordinary one
     * @return the copy
     */
    public RequestHead withUpgrade(@Nullable String changed) {
        return new RequestHead(method, scheme, authority, target, fields, changed);
    }

    /**
     * Tells whether the client wants a tunnel: bytes both ways that are no longer HTTP. It asks by an upgrade or by CONNECT.
     *
     * @return true when a reply may open one
     */
    public boolean wantsTunnel() {
        return upgrade != null || method.equals("CONNECT");
    }

    /**
     * Tells whether a status opens the tunnel that this request asks for: 101 for an upgrade, any 2xx for CONNECT.
     *
     * @param status the status of the reply
     * @return true when the bodies of the exchange are the two directions of a tunnel
     */
    public boolean isTunnelledBy(int status) {
        return upgrade != null ? status == 101 : status / 100 == 2 && method.equals("CONNECT");
    }

    /**
     * Tells whether this is a gRPC request: its content type is {@code application/grpc}, alone or with a suffix.
     *
     * @return true for gRPC, false for gRPC-Web
     */
    public boolean isGrpc() {
        int at = fields.indexOf("content-type", 0);
        return at >= 0 && GrpcContentType.matches(fields.value(at));
    }
}
