package io.headgate.function.log;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Lines by which a function says whose the next ones are. Its development kit prints an empty line and {@code name=call} before each
 * call when the environment asks for that. The name is made up for each instance, so that
 * nothing else is taken for one.
 */
final class Frames {

    private static final int MOST_ID = 128;

    private final String name;
    private final byte[] prefix;

    private Frames(String name) {
        this.name = name;
        this.prefix = (name + '=').getBytes(StandardCharsets.US_ASCII);
    }

    static Frames create() {
        return new Frames("call-" + Long.toHexString(ThreadLocalRandom.current().nextLong()));
    }

    Map<String, String> environment() {
        return Map.of("FN_LOGFRAME_NAME", name, "FN_LOGFRAME_HDR", "Fn-Call-Id");
    }

    /** The call that a line begins, or null when it begins none. */
    @Nullable String callOf(ByteBuf line) {
        int length = line.readableBytes() - prefix.length;
        if (length < 1 || length > MOST_ID || !begins(line)) {
            return null;
        }
        return line.toString(line.readerIndex() + prefix.length, length, StandardCharsets.US_ASCII);
    }

    private boolean begins(ByteBuf line) {
        for (int i = 0; i < prefix.length; i++) {
            if (line.getByte(line.readerIndex() + i) != prefix[i]) {
                return false;
            }
        }
        return true;
    }
}
