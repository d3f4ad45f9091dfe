package io.headgate.function.invoke;

import io.headgate.function.model.CallAnnotations;
import io.headgate.function.model.CallType;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.function.store.Target;
import io.headgate.http.Fields;
import org.jspecify.annotations.Nullable;

/** How a request wants its function called, and how the function wants to be. */
final class CallOptions {

    private CallOptions() {}

    /** Of a call through a trigger: clients of triggers have no say, their fields get a prefix. */
    static CallType ofTrigger(Target target) {
        return isOn(target, CallAnnotations.ASYNC, false) ? CallType.ASYNC : CallType.SYNC;
    }

    /** Of a direct call. */
    static CallType ofDirect(Target target, Fields client) {
        String wanted = client.get(RequestFields.INVOKE_TYPE);
        if (wanted == null) {
            return isOn(target, CallAnnotations.ASYNC, false) ? CallType.ASYNC : CallType.SYNC;
        }
        return switch (wanted) {
            case "sync" -> CallType.SYNC;
            case "detached" -> CallType.DETACHED;
            case "async" -> CallType.ASYNC;
            default ->
                throw new FunctionException(
                        ErrorKind.INVALID, "Fn-Invoke-Type: " + wanted + " (expected: sync, detached or async)");
        };
    }

    /** What the trigger says, else what the function says, else the default. */
    static boolean isOn(Target target, String annotation, boolean otherwise) {
        if (target.trigger() != null) {
            String ofTrigger = target.trigger().annotations().get(annotation);
            if (ofTrigger != null) {
                return isTrue(ofTrigger);
            }
        }
        @Nullable String ofFn = target.fn().annotations().get(annotation);
        return ofFn == null ? otherwise : isTrue(ofFn);
    }

    private static boolean isTrue(String json) {
        return json.equals("true") || json.equals("\"true\"");
    }
}
