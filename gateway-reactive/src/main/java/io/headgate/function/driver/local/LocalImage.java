package io.headgate.function.driver.local;

import io.headgate.Service;
import io.headgate.function.driver.InstanceReply;
import io.headgate.function.driver.InstanceRequest;
import io.headgate.function.driver.InstanceSpec;
import reactor.core.publisher.Mono;

/** What instances are made of, for functions that have a start and a state of their own. */
@FunctionalInterface
public interface LocalImage {

    /**
     * Starts an instance.
     *
     * @param spec its environment, and what takes its output
     * @return answers the calls of the instance; a failure is one of the start. The service takes the body of a request, and what it
     *     fails with is answered with 502
     */
    Mono<Service<InstanceRequest, InstanceReply>> start(InstanceSpec spec);
}
