package io.headgate.rpc.endpoint;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.headgate.rpc.Content;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.lang.reflect.Modifier;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Messages of Protocol Buffers of one type, written into buffers and read from them without an array in between. */
final class ProtobufCodec implements Codec<MessageLite> {

    private final Parser<? extends MessageLite> parser;

    private ProtobufCodec(Parser<? extends MessageLite> parser) {
        this.parser = parser;
    }

    /** Looks for the parser of generated code. */
    static ProtobufCodec of(Class<?> type) {
        try {
            if (!Modifier.isAbstract(type.getModifiers())
                    && type.getMethod("getDefaultInstance").invoke(null) instanceof MessageLite message) {
                return new ProtobufCodec(message.getParserForType());
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(unknown(type), e);
        }
        throw new IllegalArgumentException(unknown(type));
    }

    private static String unknown(Class<?> type) {
        return Types.name(type) + " has no default instance (expected: a generated message)";
    }

    @Override
    public Content content() {
        return Content.PROTOBUF;
    }

    @Override
    public void encode(@Nullable MessageLite value, ByteBuf into) throws IOException {
        if (value == null) {
            throw new IllegalArgumentException("null (expected: a message)");
        }
        int size = value.getSerializedSize();
        into.ensureWritable(size);
        int start = into.writerIndex();
        CodedOutputStream out = CodedOutputStream.newInstance(into.nioBuffer(start, size));
        value.writeTo(out);
        out.flush();
        into.writerIndex(start + size);
    }

    @Override
    public MessageLite decode(ByteBuf element) throws IOException {
        ByteBuffer bytes = element.nioBuffer();
        return parser.parseFrom(bytes);
    }
}
