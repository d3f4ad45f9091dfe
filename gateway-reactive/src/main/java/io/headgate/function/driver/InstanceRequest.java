package io.headgate.function.driver;

import io.headgate.http.Body;
import io.headgate.http.Fields;

/**
 * What an instance is sent.
 *
 * @param fields the headers, those of the contract among them ({@code fn-call-id}, {@code fn-deadline})
 * @param body the input; owned by who makes the call
 * @param outputFirst whether the reply, or the failure of the call, is to end only when all that the instance had printed before has
 *     been told to its {@link InstanceSpec#output}. Output and reply come on different ways, and waiting for the slower one costs time
 */
public record InstanceRequest(Fields fields, Body body, boolean outputFirst) {

    /**
     * A request whose reply does not wait for output.
     *
     * @param fields the headers
     * @param body the input
     */
    public InstanceRequest(Fields fields, Body body) {
        this(fields, body, false);
    }
}
