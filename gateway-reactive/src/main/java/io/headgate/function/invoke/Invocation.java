package io.headgate.function.invoke;

import io.headgate.Deadline;
import io.headgate.function.model.App;
import io.headgate.function.model.CallType;
import io.headgate.function.model.Fn;
import io.headgate.function.model.Trigger;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import org.jspecify.annotations.Nullable;

/**
 * One call of a function.
 *
 * @param id of the call, sortable by time
 * @param type how it is made
 * @param app the application
 * @param fn the function
 * @param trigger the trigger, or null when it is called directly
 * @param fields the headers for the function; {@code fn-call-id} and {@code fn-deadline} are set by who runs it
 * @param payload the input
 * @param deadline when nobody waits for the answer any more; of a detached call, when nobody waits for its start
 * @param watch is told how the call goes
 */
public record Invocation(
        String id,
        CallType type,
        App app,
        Fn fn,
        @Nullable Trigger trigger,
        Fields fields,
        Body payload,
        Deadline deadline,
        InvocationWatch watch) {
    /**
     * A copy that somebody else watches.
     *
     * @param changed is told how the call goes
     * @return the copy; it has the payload
     */
    public Invocation withWatch(InvocationWatch changed) {
        return new Invocation(id, type, app, fn, trigger, fields, payload, deadline, changed);
    }

    /**
     * A copy with another deadline.
     *
     * @param changed when nobody waits any more
     * @return the copy; it has the payload
     */
    public Invocation withDeadline(Deadline changed) {
        return new Invocation(id, type, app, fn, trigger, fields, payload, changed, watch);
    }
}
