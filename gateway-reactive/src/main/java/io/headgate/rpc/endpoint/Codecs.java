package io.headgate.rpc.endpoint;

import java.lang.reflect.Type;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Knows the codecs of types. Asked when endpoints and clients are made, never in a call.
 *
 * <p>Buffers never come here: they are passed on as they are.
 */
public interface Codecs {

    /**
     * The codec of a type.
     *
     * @param type of a parameter, of a result, or of the elements of a stream; without type variables
     * @return the codec, or null when other codecs should be asked
     * @throws IllegalArgumentException when the type cannot travel; the message says why and what was expected
     */
    @Nullable Codec<?> find(Type type);

    /**
     * The codec of several values that travel as one element.
     *
     * @param names of the parameters, for messages
     * @param types of the parameters, at least two
     * @return the codec of arrays of their length, or null when other codecs should be asked
     * @throws IllegalArgumentException when one of them cannot travel with others; the message says why
     */
    default @Nullable Codec<@Nullable Object[]> findTuple(List<String> names, List<Type> types) {
        return null;
    }

    /**
     * These codecs, and others for the types that they do not know.
     *
     * @param next is asked when these have no answer
     * @return both
     */
    default Codecs or(Codecs next) {
        Codecs first = this;
        return new Codecs() {
            @Override
            public @Nullable Codec<?> find(Type type) {
                Codec<?> found = first.find(type);
                return found == null ? next.find(type) : found;
            }

            @Override
            public @Nullable Codec<@Nullable Object[]> findTuple(List<String> names, List<Type> types) {
                Codec<@Nullable Object[]> found = first.findTuple(names, types);
                return found == null ? next.findTuple(names, types) : found;
            }
        };
    }

    /**
     * Messages of Protocol Buffers, and JSON for everything else. Each library is needed only if a type asks for it.
     *
     * @return new codecs; what they learn of types they keep for themselves
     */
    static Codecs standard() {
        return new StandardCodecs();
    }
}
