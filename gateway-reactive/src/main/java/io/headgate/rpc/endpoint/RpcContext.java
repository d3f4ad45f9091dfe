package io.headgate.rpc.endpoint;

import io.headgate.Attributes;
import io.headgate.Deadline;
import io.headgate.http.Fields;
import io.headgate.rpc.RpcRequest;
import java.util.Objects;

/**
 * What travels beside the values of a call. A method that has a parameter of this type gets there what came with the call, and
 * its caller says there what goes with it. A handler that makes calls of its own passes its context on, and with it the time
 * that is left. Immutable.
 *
 * @param fields metadata; names in lower case
 * @param deadline when the answer is of no use any more
 * @param attributes what stages of this side tell each other; they do not travel
 */
public record RpcContext(Fields fields, Deadline deadline, Attributes attributes) {

    /** Nothing beside the values. */
    public static final RpcContext EMPTY = new RpcContext(Fields.empty(), Deadline.NONE, Attributes.EMPTY);

    /** Checks that nothing is missing. */
    public RpcContext {
        Objects.requireNonNull(fields, "fields");
        Objects.requireNonNull(deadline, "deadline");
        Objects.requireNonNull(attributes, "attributes");
    }

    /** What came with a call. */
    static RpcContext of(RpcRequest request) {
        return new RpcContext(request.fields(), request.deadline(), request.attributes());
    }

    /**
     * A copy with other metadata.
     *
     * @param changed the fields
     * @return the copy
     */
    public RpcContext withFields(Fields changed) {
        return new RpcContext(changed, deadline, attributes);
    }

    /**
     * A copy whose deadline is the earlier of two.
     *
     * @param other the other deadline
     * @return the copy
     */
    public RpcContext withDeadline(Deadline other) {
        return new RpcContext(fields, deadline.min(other), attributes);
    }

    /**
     * A copy with other attributes.
     *
     * @param changed the attributes
     * @return the copy
     */
    public RpcContext withAttributes(Attributes changed) {
        return new RpcContext(fields, deadline, changed);
    }
}
