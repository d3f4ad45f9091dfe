package io.headgate.function.invoke;

import io.headgate.GatewayException;
import io.headgate.function.driver.InstanceReply;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Fields;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What a reply of an instance means by the contract. What a function says of its failures is for the log. */
final class Verdict {

    private static final int OK = 200;
    private static final int FAULT = 502;
    private static final int TIMED_OUT = 504;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1); // another gateway may take it at once

    private Verdict() {}

    /** Why the call has failed, or null when it has not so far. */
    static @Nullable FunctionException of(InstanceReply answer, int maxFieldBytes) {
        return switch (answer.status()) {
            case OK ->
                isTooLarge(answer.fields(), maxFieldBytes)
                        ? failed("the header of the function's reply is too large (expected: at most " + maxFieldBytes
                                + " bytes)")
                        : null;
            case FAULT -> failed("the function failed");
            case TIMED_OUT -> new FunctionException(ErrorKind.TIMED_OUT, "the function gave up in time");
            default -> failed("the function's reply is not one of a function (expected: status 200, 502 or 504)");
        };
    }

    /** Whether the instance is as good as before: a function that throws does not break what runs it. */
    static boolean isKept(InstanceReply answer) {
        return answer.status() == FAULT || answer.status() == TIMED_OUT;
    }

    /** A call or a reply that broke off. Drivers say more of it, and what the client's body failed with is the client's. */
    static Throwable of(Throwable error) {
        return error instanceof GatewayException
                ? error
                : new FunctionException(ErrorKind.FUNCTION_FAILED, "the function's reply was cut short", error);
    }

    /** A failure on an instance that was stopped meanwhile, which tells the function to end: its fault it is not. */
    static Throwable ofStopped(Throwable verdict) {
        return verdict instanceof FunctionException known ? ofStopped(known) : verdict;
    }

    static FunctionException ofStopped(FunctionException verdict) {
        return verdict.kind() == ErrorKind.FUNCTION_FAILED
                ? new FunctionException(
                        ErrorKind.STOPPED, "the server stopped while the function ran", verdict, RETRY_AFTER)
                : verdict;
    }

    static FunctionException tooLarge(long maxBytes) {
        return failed("the function's reply is too large (expected: at most " + maxBytes + " bytes)");
    }

    private static FunctionException failed(String message) {
        return new FunctionException(ErrorKind.FUNCTION_FAILED, message);
    }

    private static boolean isTooLarge(Fields fields, int maxBytes) {
        int bytes = 0;
        for (int i = 0; i < fields.size() && bytes <= maxBytes; i++) {
            bytes += fields.name(i).length() + fields.value(i).length();
        }
        return bytes > maxBytes;
    }
}
