package io.headgate.rpc.stream;

import io.headgate.Key;
import io.headgate.http.Fields;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import java.util.Objects;

/**
 * An upload that may come in several calls, as its receiver sees it.
 *
 * @param id its name, chosen by the caller: 1 to 64 letters, digits, hyphens and underscores, so that it can name a file
 * @param endpoint what the caller wants to call with it
 * @param fields metadata of the call that is under way, for a sink that wants to know who it is
 */
public record Upload(String id, String endpoint, Fields fields) {

    /** Among the attributes of a request whose body was taken by {@link Resume#takes}. */
    public static final Key<Upload> KEY = Key.of("upload");

    private static final int MAX_ID = 64;

    /** Checks the names. */
    public Upload {
        if (endpoint.isEmpty() || endpoint.length() > RpcRequest.MAX_ENDPOINT) {
            throw RpcException.of(
                    RpcStatus.INVALID_ARGUMENT,
                    ResumeFields.ENDPOINT + ": " + endpoint.length() + " characters (expected: 1.."
                            + RpcRequest.MAX_ENDPOINT + ')');
        }
        Objects.requireNonNull(fields, "fields");
        checkName(ResumeFields.UPLOAD, id);
    }

    /** Fails with INVALID_ARGUMENT when a name is not one that can name a file. */
    static void checkName(String field, String name) {
        boolean valid =
                !name.isEmpty() && name.length() <= MAX_ID && name.chars().allMatch(Upload::isAllowed);
        if (!valid) {
            throw RpcException.of(
                    RpcStatus.INVALID_ARGUMENT,
                    field + ": " + name.length()
                            + " characters (expected: 1..64 letters, digits, hyphens and underscores)");
        }
    }

    private static boolean isAllowed(int c) {
        return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_';
    }
}
