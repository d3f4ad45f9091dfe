package io.headgate.rpc.endpoint;

import io.headgate.rpc.Content;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/**
 * A method as both sides need it.
 *
 * @param method of the interface
 * @param info for people
 * @param values the positions of the value parameters
 * @param valueFormat of the values together; null when there are none
 * @param context the position of the context, or -1
 * @param stream the position of the stream, or -1
 * @param streamFormat of its elements; null when there is none
 * @param result of the result or its elements; null for {@code Void}
 * @param flux whether the result is a stream
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares signatures, or changes one
record Signature(
        Method method,
        EndpointInfo info,
        int[] values,
        @Nullable Format valueFormat,
        int context,
        int stream,
        @Nullable Format streamFormat,
        @Nullable Format result,
        boolean flux) {

    String name() {
        return info.name();
    }

    Content request() {
        return info.request();
    }

    Content reply() {
        return info.reply();
    }

    /** Whether values travel as metadata, because the stream has no elements of which they could be the first. */
    boolean valuesInFields() {
        return valueFormat != null && streamFormat != null && streamFormat.isRaw();
    }

    /** The values among the arguments of a call: the one that there is, or all of them. */
    @Nullable Object pick(@Nullable Object[] arguments) {
        if (values.length == 1) {
            return arguments[values[0]];
        }
        @Nullable Object[] picked = new @Nullable Object[values.length];
        for (int i = 0; i < picked.length; i++) {
            picked[i] = arguments[values[i]];
        }
        return picked;
    }

    /** The other way round. */
    void place(@Nullable Object decoded, @Nullable Object[] arguments) {
        if (values.length == 1) {
            arguments[values[0]] = decoded;
        } else if (decoded != null) {
            @Nullable Object[] all = (@Nullable Object[]) decoded;
            for (int i = 0; i < values.length; i++) {
                arguments[values[i]] = all[i];
            }
        }
    }
}
