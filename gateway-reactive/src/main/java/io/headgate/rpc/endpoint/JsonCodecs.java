package io.headgate.rpc.endpoint;

import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JavaType;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.ValueDeserializer;
import tools.jackson.databind.deser.AbstractDeserializer;
import tools.jackson.databind.deser.bean.BeanDeserializerBase;
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
        JavaType known = mapper.constructType(type);
        if (!canMake(known)) {
            throw new IllegalArgumentException(
                    Types.name(type) + " cannot be made of JSON (expected: a type that Jackson can construct)");
        }
        return mapper.readerFor(known).with(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);
    }

    /** An abstract type, say, can be written, and nobody can read it; better to know that before the first call. */
    private boolean canMake(JavaType type) {
        try {
            ValueDeserializer<?> made = mapper._deserializationContext().findRootValueDeserializer(type);
            return !(made instanceof AbstractDeserializer)
                    && !(made instanceof BeanDeserializerBase bean
                            && !bean.getValueInstantiator().canInstantiate());
        } catch (JacksonException e) {
            throw new IllegalArgumentException(
                    Types.name(type) + " cannot be made of JSON: " + e.getOriginalMessage()
                            + " (expected: a type that Jackson can construct)",
                    e);
        }
    }
}
