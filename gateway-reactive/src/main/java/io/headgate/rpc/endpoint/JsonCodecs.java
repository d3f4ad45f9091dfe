package io.headgate.rpc.endpoint;

import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/**
 * JSON of all types that Jackson knows. Needs {@code tools.jackson.core:jackson-databind}, an optional dependency.
 *
 * <p>Whatever the mapper says, bytes behind a document are an error, and so is null for a primitive.
 */
public final class JsonCodecs implements Codecs {

    private final JsonMapper mapper;

    private JsonCodecs(JsonMapper mapper) {
        this.mapper = mapper;
    }

    /**
     * JSON by the defaults of Jackson, which ignore properties that a type does not have.
     *
     * @return the codecs
     */
    public static JsonCodecs create() {
        return of(JsonMapper.builder()
                .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .build());
    }

    /**
     * JSON by a mapper.
     *
     * @param mapper how to read and write
     * @return the codecs
     */
    public static JsonCodecs of(JsonMapper mapper) {
        return new JsonCodecs(Objects.requireNonNull(mapper, "mapper"));
    }

    @Override
    public Codec<?> find(Type type) {
        return new JsonCodec(writer(type), reader(type).with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS));
    }

    @Override
    public Codec<@Nullable Object[]> findTuple(List<String> names, List<Type> types) {
        List<ObjectWriter> writers = new ArrayList<>();
        List<ObjectReader> readers = new ArrayList<>();
        for (Type type : types) {
            writers.add(writer(type));
            readers.add(reader(type).without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS));
        }
        return new JsonTuple(mapper, names, types, writers, readers);
    }

    private ObjectWriter writer(Type type) {
        return mapper.writerFor(mapper.constructType(type));
    }

    private ObjectReader reader(Type type) {
        return mapper.readerFor(mapper.constructType(type)).with(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);
    }
}
