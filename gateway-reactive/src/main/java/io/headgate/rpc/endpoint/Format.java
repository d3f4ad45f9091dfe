package io.headgate.rpc.endpoint;

import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Exceptions;

/**
 * How one part of a signature travels: its values, the elements of its stream, or its result. What goes wrong with what a
 * caller sent is the fault of the caller; what goes wrong with a result is not.
 */
final class Format {

    private static final Logger LOG = LoggerFactory.getLogger("io.headgate.rpc");

    private static final int FIRST_BYTES = 256; // most values of a control plane fit
    private static final int MAX_DETAIL = 300;

    private final @Nullable Codec<Object> codec; // null for buffers, which are passed on
    private final String where;
    private final @Nullable String type; // null when the codec itself says what it expects
    private final boolean result;
    private final Limits limits;

    /** What encoding may use. */
    record Limits(ByteBufAllocator allocator, int maxElement) {}

    @SuppressWarnings("unchecked") // the codec was found for the type of the values that it is given
    private Format(@Nullable Codec<?> codec, String where, @Nullable String type, boolean result, Limits limits) {
        this.codec = (Codec<Object>) codec;
        this.where = where;
        this.type = type;
        this.result = result;
        this.limits = limits;
    }

    /** Of one parameter, or of several at once if there is no type. */
    static Format ofInput(@Nullable Codec<?> codec, String where, @Nullable String type, Limits limits) {
        return new Format(codec, where, type, false, limits);
    }

    static Format ofResult(@Nullable Codec<?> codec, String where, String type, Limits limits) {
        return new Format(codec, where, type, true, limits);
    }

    Content content() {
        return codec == null ? Content.OCTETS : codec.content();
    }

    boolean isRaw() {
        return codec == null;
    }

    int maxElement() {
        return limits.maxElement;
    }

    /** Takes a value, if that is a buffer, and passes the element on. */
    ByteBuf encode(@Nullable Object value) {
        if (codec == null) {
            if (value instanceof ByteBuf bytes) {
                return checkedSize(bytes);
            }
            throw failure(value + " (expected: a buffer)", null);
        }
        ByteBuf element = limits.allocator.buffer(Math.min(FIRST_BYTES, limits.maxElement), limits.maxElement);
        try {
            codec.encode(value, element);
            return element;
        } catch (Throwable e) {
            element.release();
            Exceptions.throwIfJvmFatal(e);
            RpcException failure = isTooLarge(e) ? tooLarge("more", e) : wrong(e);
            if (result) {
                LOG.error("{}", failure.getMessage(), e);
            }
            throw failure;
        }
    }

    /** Takes an element. */
    @Nullable Object decode(ByteBuf element) {
        if (codec == null) {
            return element;
        }
        try {
            checkSize(element.readableBytes());
            return codec.decode(element);
        } catch (RpcException e) {
            throw e;
        } catch (Throwable e) {
            Exceptions.throwIfJvmFatal(e);
            throw wrong(e);
        } finally {
            element.release();
        }
    }

    /** Takes an element of a stream, in which there is no null. */
    Object decodeElement(ByteBuf element) {
        Object value = decode(element);
        if (value == null) {
            throw failure("null (expected: " + type + ')', null);
        }
        return value;
    }

    void checkSize(int bytes) {
        if (bytes > limits.maxElement) {
            throw tooLarge(Integer.toString(bytes), null);
        }
    }

    /** There was no element where one had to be. */
    RpcException missing() {
        return failure("missing (expected: one element" + (type == null ? ")" : ", " + type + ')'), null);
    }

    /** There was an element where none had to be. */
    RpcException surplus() {
        return failure("more than one element (expected: one" + (type == null ? ")" : ", " + type + ')'), null);
    }

    RpcException failure(String text, @Nullable Throwable cause) {
        return RpcException.of(result ? RpcStatus.INTERNAL : RpcStatus.INVALID_ARGUMENT, where + ": " + text, cause);
    }

    private ByteBuf checkedSize(ByteBuf bytes) {
        if (bytes.readableBytes() > limits.maxElement) {
            int length = bytes.readableBytes();
            bytes.release();
            checkSize(length);
        }
        return bytes;
    }

    private RpcException tooLarge(String bytes, @Nullable Throwable cause) {
        return failure(bytes + " bytes (expected: at most " + limits.maxElement + ')', cause);
    }

    private RpcException wrong(Throwable e) {
        String detail = e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
        String text = (detail.length() > MAX_DETAIL ? detail.substring(0, MAX_DETAIL) : detail).replace('\n', ' ');
        return failure(type == null ? text : text + " (expected: " + type + ')', e);
    }

    /** A buffer that may not grow further says so by an index, and libraries wrap that. */
    private static boolean isTooLarge(Throwable e) {
        for (Throwable at = e; at != null; at = at.getCause()) {
            if (at instanceof IndexOutOfBoundsException && at.getStackTrace().length > 0 && fromBuffer(at)) {
                return true;
            }
        }
        return false;
    }

    private static boolean fromBuffer(Throwable e) {
        return e.getStackTrace()[0].getClassName().startsWith("io.netty.buffer.");
    }
}
