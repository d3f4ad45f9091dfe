package io.headgate.rpc.bridge;

import io.headgate.http.RefusedException;
import io.headgate.http.RequestHead;
import io.headgate.http.RequestSyntax;
import io.headgate.rpc.RpcRequest;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Names of endpoints as paths: a prefix, then the name, of which what may not be in a path is escaped (RFC 3986 section 2.1). */
final class EndpointPath {

    private static final String SAFE = "-._~!$&'()*+,;=:@/";

    private final String prefix;

    EndpointPath(String prefix) {
        this.prefix = prefix;
    }

    String of(String endpoint) {
        for (int i = 0; i < endpoint.length(); i++) {
            if (!isSafe(endpoint.charAt(i))) {
                return prefix + escaped(endpoint);
            }
        }
        return prefix.concat(endpoint);
    }

    private static boolean isSafe(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || SAFE.indexOf(c) >= 0;
    }

    private static String escaped(String endpoint) {
        StringBuilder text = new StringBuilder(endpoint.length() + 16);
        for (byte b : endpoint.getBytes(StandardCharsets.UTF_8)) {
            if (isSafe(b)) {
                text.append((char) b);
            } else {
                text.append(String.format("%%%02X", b & 0xff));
            }
        }
        return text.toString();
    }

    String endpoint(RequestHead head) {
        String path = head.path();
        String name = path.startsWith(prefix) ? path.substring(prefix.length()) : "";
        if (name.indexOf('%') >= 0) {
            name = unescaped(name);
        }
        if (name.isEmpty() || name.length() > RpcRequest.MAX_ENDPOINT) {
            throw new RefusedException(
                    404, "path: " + path + " (expected: " + prefix + " and the name of an endpoint)");
        }
        return name;
    }

    /** {@link RequestSyntax} has seen to it that each escape is whole. */
    private static String unescaped(String name) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(name.length());
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (c == '%') {
                bytes.write(Integer.parseInt(name, i + 1, i + 3, 16));
                i += 2;
            } else {
                bytes.write(c);
            }
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
