package io.headgate.function.log;

import io.headgate.function.model.Annotations;
import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Functions that print, and what they print. */
final class Printed {

    static final Fn FN = new Fn(
            "FN1",
            "APP1",
            "hello",
            "node:hello",
            128,
            30,
            30,
            Map.of(),
            Annotations.NONE,
            Instant.EPOCH,
            Instant.EPOCH);

    private Printed() {}

    static App app(@Nullable String syslogUrl) {
        return new App("APP1", "shop", Map.of(), Annotations.NONE, syslogUrl, Instant.EPOCH, Instant.EPOCH);
    }

    static void print(OutputRouter router, String text) {
        router.print(bytes(text));
    }

    static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    /** A call with a log of its own. */
    static final class Call implements CallOutput {

        final CallLog log = CallLog.create();
        private final String id;

        Call(String id) {
            this.id = id;
        }

        @Override
        public String callId() {
            return id;
        }

        @Override
        public void print(ByteBuf bytes) {
            log.print(bytes);
        }

        String text() {
            return new String(log.bytes(), StandardCharsets.UTF_8);
        }
    }
}
