package io.headgate.function.log;

import io.headgate.function.driver.InstanceOutput;

/** Takes what a function prints while one call runs. May be told of pieces by any thread, one at a time. */
public interface CallOutput extends InstanceOutput {

    /**
     * Which call it is.
     *
     * @return its id
     */
    String callId();
}
