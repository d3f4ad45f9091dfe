package io.headgate.sync.source;

import com.google.protobuf.ByteString;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Keys as etcd understands them: from one to before another, in the order of their bytes.
 *
 * @param from the first
 * @param to the first that does not belong to it; a zero byte when there is none
 */
record EtcdRange(ByteString from, ByteString to) {

    private static final ByteString ZERO = ByteString.copyFrom(new byte[1]);

    /** All keys that begin with something. */
    static EtcdRange under(String prefix) {
        if (prefix.isEmpty()) {
            return new EtcdRange(ZERO, ZERO);
        }
        byte[] from = prefix.getBytes(StandardCharsets.UTF_8);
        byte[] to = Arrays.copyOf(from, from.length);
        to[to.length - 1]++; // no byte of UTF-8 is the last there is
        return new EtcdRange(ByteString.copyFrom(from), ByteString.copyFrom(to));
    }

    /** The first key that can come after one. */
    static ByteString after(ByteString key) {
        return key.concat(ZERO);
    }
}
