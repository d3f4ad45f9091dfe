package io.headgate.rpc.endpoint;

import io.headgate.rpc.Content;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufInputStream;
import io.netty.buffer.ByteBufOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/** Several values as one JSON array, each read as what its parameter is. */
final class JsonTuple implements Codec<@Nullable Object[]> {

    private final JsonMapper mapper;
    private final List<String> names;
    private final List<Type> types;
    private final ObjectWriter[] writers;
    private final ObjectReader[] readers;

    JsonTuple(
            JsonMapper mapper,
            List<String> names,
            List<Type> types,
            List<ObjectWriter> writers,
            List<ObjectReader> readers) {
        this.mapper = mapper;
        this.names = List.copyOf(names);
        this.types = List.copyOf(types);
        this.writers = writers.toArray(new ObjectWriter[0]);
        this.readers = readers.toArray(new ObjectReader[0]);
    }

    @Override
    public Content content() {
        return Content.JSON;
    }

    @Override
    public void encode(@Nullable Object @Nullable [] values, ByteBuf into) {
        if (values == null || values.length != writers.length) {
            throw new IllegalArgumentException("wrong number of values (expected: " + writers.length + ")");
        }
        int at = 0;
        try (OutputStream out = new ByteBufOutputStream(into);
                JsonGenerator json = mapper.createGenerator(out)) {
            json.writeStartArray();
            for (; at < writers.length; at++) {
                writers[at].writeValue(json, values[at]);
            }
            json.writeEndArray();
        } catch (JacksonException e) {
            throw at < writers.length ? wrong(at, e) : JsonCodec.plain(e);
        } catch (IOException e) {
            throw new IllegalStateException(e); // a buffer does no I/O
        }
    }

    @Override
    public @Nullable Object[] decode(ByteBuf element) {
        try (JsonParser json = parser(element)) {
            if (json.nextToken() != JsonToken.START_ARRAY) {
                throw new IllegalArgumentException("not a JSON array (expected: one of " + signature() + ")");
            }
            @Nullable Object[] values = new @Nullable Object[readers.length];
            for (int i = 0; i < readers.length; i++) {
                if (json.nextToken() == JsonToken.END_ARRAY) {
                    throw new IllegalArgumentException(names.get(i) + ": missing (expected: " + signature() + ")");
                }
                values[i] = read(i, json);
            }
            if (json.nextToken() != JsonToken.END_ARRAY) {
                throw new IllegalArgumentException("more values than parameters (expected: " + signature() + ")");
            }
            if (json.nextToken() != null) {
                throw new IllegalArgumentException("something follows the JSON array (expected: nothing)");
            }
            return values;
        } catch (JacksonException e) {
            throw JsonCodec.plain(e);
        }
    }

    private JsonParser parser(ByteBuf element) {
        if (element.hasArray()) {
            int start = element.arrayOffset() + element.readerIndex();
            return mapper.createParser(element.array(), start, element.readableBytes());
        }
        InputStream in = new ByteBufInputStream(element);
        return mapper.createParser(in);
    }

    private @Nullable Object read(int at, JsonParser json) {
        try {
            return readers[at].readValue(json);
        } catch (JacksonException e) {
            throw wrong(at, e);
        }
    }

    private IllegalArgumentException wrong(int at, JacksonException e) {
        String text = names.get(at) + ": " + JsonCodec.plain(e).getMessage();
        return new IllegalArgumentException(text + " (expected: " + Types.name(types.get(at)) + ")", e);
    }

    private String signature() {
        StringBuilder text = new StringBuilder("[");
        for (int i = 0; i < names.size(); i++) {
            text.append(i == 0 ? "" : ", ").append(names.get(i)).append(": ").append(Types.name(types.get(i)));
        }
        return text.append(']').toString();
    }
}
