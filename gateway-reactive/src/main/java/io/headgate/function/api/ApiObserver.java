package io.headgate.function.api;

/** Is told of every request to the API. Does not block; whatever it throws is logged. */
@FunctionalInterface
public interface ApiObserver {

    /** Looks away. */
    ApiObserver NONE = (method, route, status, nanos) -> {};

    /**
     * A request has been answered; of the reply only the head is known to be there.
     *
     * @param method the method, {@code other} for one that no path has
     * @param route the path with its parameters by name, {@code /v2/apps/{app_id}}, or {@code other} for one that there is not
     * @param status the status; 444 when the client left before it was there
     * @param nanos how long it took
     */
    void answered(String method, String route, int status, long nanos);
}
