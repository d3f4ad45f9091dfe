package io.headgate.function.api;

/** Adds to the API what belongs together: listeners, middleware, endpoints. */
public interface ApiExtension {

    /**
     * The name, for messages.
     *
     * @return the name
     */
    String name();

    /**
     * Adds what it has to add. Called once, by {@link FunctionsApi.Builder#extension}.
     *
     * @param api takes it
     */
    void setUp(FunctionsApi.Builder api);
}
