package io.headgate.mux.internal;

import io.headgate.http.Fields;
import io.headgate.http.RequestHead;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The opening handshake of a WebSocket (RFC 6455 section 4). Key and accept prove that two neighbours mean the handshake, so
 * each connection makes and checks its own and neutral heads carry neither; HTTP/2 has none (RFC 8441 section 5).
 */
public final class WebSockets {

    /** What Upgrade and {@code :protocol} say. */
    public static final String PROTOCOL = "websocket";

    public static final AsciiString KEY = AsciiString.cached("sec-websocket-key");
    public static final AsciiString ACCEPT = AsciiString.cached("sec-websocket-accept");
    private static final AsciiString VERSION = AsciiString.cached("sec-websocket-version");
    private static final AsciiString UPGRADE = AsciiString.cached(PROTOCOL);

    private static final String MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int KEY_BYTES = 16;

    private WebSockets() {}

    /** Whether an Upgrade field asks for a WebSocket, and nothing but one. */
    public static boolean isNamedBy(@Nullable CharSequence upgrade) {
        return upgrade != null && AsciiString.contentEqualsIgnoreCase(upgrade, UPGRADE);
    }

    /** Whether a head asks for the version that there is. */
    public static boolean hasVersion(Fields fields) {
        return "13".equals(fields.get(VERSION)) && fields.indexOf(VERSION, fields.indexOf(VERSION, 0) + 1) < 0;
    }

    /** Whether a head of HTTP/1.1 has all that makes a handshake but the Upgrade itself. */
    public static boolean isHandshake(RequestHead head) {
        Fields fields = head.fields();
        return head.method().equals("GET") && hasVersion(fields) && isKey(fields.all(KEY));
    }

    private static boolean isKey(java.util.List<String> keys) {
        try {
            return keys.size() == 1 && Base64.getDecoder().decode(keys.get(0)).length == KEY_BYTES;
        } catch (IllegalArgumentException e) {
            return false; // not Base64: then this is no handshake, whatever else it is
        }
    }

    /** A key for a handshake of our own: a nonce, which needs no cryptographic strength. */
    public static String newKey() {
        byte[] key = new byte[KEY_BYTES];
        ThreadLocalRandom.current().nextBytes(key);
        return Base64.getEncoder().encodeToString(key);
    }

    /** The accept that answers a key. */
    public static String accept(String key) {
        try {
            MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
            return Base64.getEncoder().encodeToString(sha1.digest((key + MAGIC).getBytes(StandardCharsets.ISO_8859_1)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-1", e);
        }
    }
}
