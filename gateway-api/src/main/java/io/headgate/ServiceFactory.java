package io.headgate;

/**
 * Builds the service for a target. Building is immediate and cannot fail: slow or failing work, such as connecting,
 * happens at the first call.
 *
 * @param <T> the target
 * @param <I> the input of the service
 * @param <O> the output of the service
 */
@FunctionalInterface
public interface ServiceFactory<T, I, O> {

    /**
     * Builds the service.
     *
     * @param target what the service is for
     * @return a new service, or a shared one
     */
    Service<I, O> create(T target);
}
