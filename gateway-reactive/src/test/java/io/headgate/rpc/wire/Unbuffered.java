package io.headgate.rpc.wire;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Buffers for handlers that have no allocator at hand; the garbage collector has them. */
final class Unbuffered {

    private Unbuffered() {}

    static ByteBuf utf8(String text) {
        return Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.UTF_8));
    }
}
