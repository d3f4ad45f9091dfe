package io.headgate.rpc.endpoint;

import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Protobuf and JSON; touches the class that holds a library when a type needs it. */
final class StandardCodecs implements Codecs {

    private @Nullable Codecs json;

    @Override
    public @Nullable Codec<?> find(Type type) {
        return Types.isMessage(type)
                ? ProtobufCodec.of((Class<?>) type)
                : json(Types.name(type)).find(type);
    }

    @Override
    public @Nullable Codec<@Nullable Object[]> findTuple(List<String> names, List<Type> types) {
        return json(String.join(", ", names)).findTuple(names, types);
    }

    /** Whether JSON can be had. */
    static boolean hasJson() {
        try {
            Class.forName("tools.jackson.databind.json.JsonMapper", false, StandardCodecs.class.getClassLoader());
            return true;
        } catch (ClassNotFoundException e) {
            return false;
        }
    }

    private synchronized Codecs json(String what) {
        if (json == null) {
            if (!hasJson()) {
                throw new IllegalArgumentException(
                        what + " needs JSON, and tools.jackson.core:jackson-databind is missing (expected: on the class"
                                + " path, or a codec of the type)");
            }
            json = JsonCodecs.create();
        }
        return json;
    }
}
