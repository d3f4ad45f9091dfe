package io.headgate.rpc.endpoint;

import io.headgate.rpc.Content;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;

/** JSON of one type, written into buffers and read from them without an array in between. */
final class JsonCodec implements Codec<Object> {

    private final ObjectWriter writer;
    private final ObjectReader reader;

    JsonCodec(ObjectWriter writer, ObjectReader reader) {
        this.writer = writer;
        this.reader = reader;
    }

    @Override
    public Content content() {
        return Content.JSON;
    }

    @Override
    public void encode(@Nullable Object value, ByteBuf into) {
        try {
            OutputStream out = new ByteBufOutputStream(into);
            writer.writeValue(out, value);
        } catch (JacksonException e) {
            throw plain(e);
        }
    }

    @Override
    public @Nullable Object decode(ByteBuf element) {
        try {
            if (element.hasArray()) {
                int start = element.arrayOffset() + element.readerIndex();
                return reader.readValue(element.array(), start, element.readableBytes());
            }
            InputStream in = new ByteBufInputStream(element);
            return reader.readValue(in);
        } catch (JacksonException e) {
            throw plain(e);
        }
    }

    /** What is wrong, without the excerpts and the lines that Jackson adds for people at a terminal. */
    static IllegalArgumentException plain(JacksonException e) {
        String path = e.getPathReference();
        String text = e.getOriginalMessage();
        return new IllegalArgumentException(path.isEmpty() ? text : text + " at " + path, e);
    }
}
