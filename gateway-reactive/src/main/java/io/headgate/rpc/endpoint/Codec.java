package io.headgate.rpc.endpoint;

import io.headgate.rpc.Content;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * Turns the values of one type into elements and back. Made once per parameter or result; must be usable by several threads
 * at once and must not block.
 *
 * @param <T> the type of the values
 */
public interface Codec<T> {

    /**
     * What the elements are.
     *
     * @return {@link Content#JSON} or {@link Content#PROTOBUF}
     */
    Content content();

    /**
     * Writes an element.
     *
     * @param value the value; null where Java code passed null
     * @param into takes the bytes at its end; borrowed. It grows up to the limit for elements, and throws beyond it
     * @throws Exception when the value has no form; the message goes to the caller
     */
    void encode(@Nullable T value, ByteBuf into) throws Exception;

    /**
     * Reads an element, all of it: bytes that are left over are an error.
     *
     * @param element the readable bytes are the element; borrowed, and nothing of the value may refer to it
     * @return the value, null if the element says so
     * @throws Exception when it is not of the type; the message goes to the caller
     */
    @Nullable T decode(ByteBuf element) throws Exception;
}
