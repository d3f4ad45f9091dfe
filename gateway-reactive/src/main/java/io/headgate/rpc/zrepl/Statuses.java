package io.headgate.rpc.zrepl;

import io.headgate.rpc.Content;
import io.headgate.rpc.RpcStatus;
import org.jspecify.annotations.Nullable;

/** The words of the wire and ours. */
final class Statuses {

    private Statuses() {}

    /** What a caller is told with a status: three numbers are all there is. */
    static int toWire(RpcStatus status) {
        return switch (status) {
            case OK -> CallHeader.OK;
            case INVALID_ARGUMENT, UNIMPLEMENTED -> CallHeader.REQUEST_ERROR;
            case INTERNAL -> CallHeader.SERVER_ERROR;
            default -> CallHeader.ERROR;
        };
    }

    /** The status of an error, or null when there is none of that number. */
    static @Nullable RpcStatus fromWire(long error) {
        if (error == CallHeader.REQUEST_ERROR) {
            return RpcStatus.INVALID_ARGUMENT;
        }
        if (error == CallHeader.SERVER_ERROR) {
            return RpcStatus.INTERNAL;
        }
        return error == CallHeader.ERROR ? RpcStatus.UNKNOWN : null;
    }

    /** The data type of a content, or 0 when the wire has none. */
    static int toWire(Content content) {
        return switch (content) {
            case NONE -> CallHeader.NONE;
            case JSON -> CallHeader.JSON;
            case OCTETS -> CallHeader.OCTETS;
            case PROTOBUF -> 0;
        };
    }

    /** The content of a data type, or null when the number is none of a content. */
    static @Nullable Content content(int dataType) {
        return switch (dataType) {
            case CallHeader.NONE -> Content.NONE;
            case CallHeader.JSON -> Content.JSON;
            case CallHeader.OCTETS -> Content.OCTETS;
            default -> null;
        };
    }
}
