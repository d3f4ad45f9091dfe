package io.headgate.admin.internal;

import io.headgate.resolve.Endpoint;
import java.net.InetSocketAddress;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.SerializationContext;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.ValueSerializer;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;

/** How things are written: records by their components, durations as ISO 8601, what is no data by its text. */
public final class Json {

    /** The media type. */
    public static final String TYPE = "application/json";

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .addModule(new SimpleModule("headgate")
                    .addSerializer(Endpoint.class, new AsText<>())
                    .addSerializer(InetSocketAddress.class, new AsAddress())
                    .addSerializer(Throwable.class, new AsText<>()))
            .disable(SerializationFeature.FAIL_ON_EMPTY_BEANS)
            .build();

    private Json() {}

    /** UTF-8. */
    public static byte[] bytes(Object value) {
        return MAPPER.writeValueAsBytes(value);
    }

    /** One line. */
    static String text(Object value) {
        return MAPPER.writeValueAsString(value);
    }

    /** Names and values in this order, which a {@code Map.of} does not keep. */
    public static Map<String, Object> object(Object... namesAndValues) {
        Map<String, Object> object = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            object.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return object;
    }

    /** Host and port, without a look-up. */
    public static String address(InetSocketAddress address) {
        String host = address.getHostString();
        return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + address.getPort();
    }

    private static final class AsText<T> extends ValueSerializer<T> {
        @Override
        public void serialize(T value, JsonGenerator json, SerializationContext context) {
            json.writeString(value.toString());
        }
    }

    private static final class AsAddress extends ValueSerializer<InetSocketAddress> {
        @Override
        public void serialize(InetSocketAddress value, JsonGenerator json, SerializationContext context) {
            json.writeString(address(value));
        }
    }
}
