package io.headgate.function.store;

import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.Trigger;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * What calls look functions up in: a cache before a {@link FunctionStore}. A change that this process makes through {@link #store} is
 * seen by all lookups that begin after it has been made; one that another process makes is seen after
 * {@link CatalogSettings#age() 5 s}. What is not there is not remembered. At most {@link CatalogSettings#capacity() 10,000} of each
 * kind are kept.
 *
 * <pre>{@code
 * Catalog catalog = Catalog.of(ValidatedStore.of(database));
 * Mono<Target> target = catalog.trigger("shop", "/orders/17");
 * FunctionStore store = catalog.store(); // for the API
 * }</pre>
 *
 * <p>What is here is found when the method is called and not when its result is subscribed to, without allocation but for the
 * parameters of a path: so ask for each call and keep no answer. What is not here is read at the subscription, once for all who wait.
 *
 * <p><b>Threading.</b> Any thread may call. What is here is answered on the thread that subscribes, all else on a thread of the store.
 *
 * <p><b>Cancellation.</b> Who leaves does not end the reading, which others may wait for; what was read is kept.
 */
public final class Catalog {

    private final FunctionStore store;
    private final Shelf<String> ids;
    private final Shelf<App> apps;
    private final Shelf<FnEntry> fns;
    private final Shelf<TriggerIndex> triggers;

    private Catalog(FunctionStore store, CatalogSettings settings, LongSupplier nanoTime) {
        this.store = new CatalogStore(store, this);
        this.ids = new Shelf<>(settings, nanoTime, id -> 1, store::appId);
        this.apps = new Shelf<>(settings, nanoTime, app -> 1, store::app);
        this.fns = new Shelf<>(
                settings, nanoTime, entry -> 1, id -> store.fn(id).map(fn -> new FnEntry(fn, new TargetMemo())));
        this.triggers = new Shelf<>(
                settings,
                nanoTime,
                index -> 1 + index.size(),
                id -> store.sources(id, Trigger.HTTP).map(TriggerIndex::new));
    }

    private record FnEntry(Fn fn, TargetMemo memo) {}

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
        return of(store, settings, System::nanoTime);
    }

    /**
     * A catalog with another time source.
     *
     * @param store what it reads
     * @param settings its bounds
     * @param nanoTime the time in nanoseconds, from any beginning
     * @return the catalog
     */
    public static Catalog of(FunctionStore store, CatalogSettings settings, LongSupplier nanoTime) {
        return new Catalog(store, settings, nanoTime);
    }

    /**
     * The store, through which all writes of this process are to be made: what they change is read anew at once. A write that has
     * begun is made to its end when the one who waits for it leaves.
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
        FnEntry entry = fns.ready(fnId);
        App app = entry == null ? null : apps.ready(entry.fn.appId());
        if (entry != null && app != null) {
            return entry.memo.target(app, entry.fn, null);
        }
        return fns.get(fnId)
                .flatMap(read -> apps.get(read.fn.appId()).flatMap(of -> read.memo.target(of, read.fn, null)));
    }

    /**
     * Looks the trigger for a path up, and its function. First comes the source that is the path; then those with parameters, such as
     * {@code /orders/{id}}, text before a parameter from the left; then those that end in {@code /*}, the longest first. The latter
     * take the path without the end as well. A parameter stands for a segment that is not empty.
     *
     * @param appName the name of the application
     * @param path the path behind it as the request has it, without query; empty for {@code /}
     * @return application, function and trigger, with the parameters as the path has them, percent-encoded, and under {@code *} what
     *     the open end stands for; or a 404
     */
    public Mono<Target> trigger(String appName, String path) {
        String source = path.isEmpty() ? "/" : path;
        Mono<Target> ready = ready(appName, source);
        if (ready != null) {
            return ready;
        }
        return ids.get(appName)
                .flatMap(id ->
                        apps.get(id).flatMap(app -> triggers.get(id).flatMap(index -> read(app, index, source))));
    }

    private @Nullable Mono<Target> ready(String appName, String source) {
        String id = ids.ready(appName);
        App app = id == null ? null : apps.ready(id);
        TriggerIndex index = app == null ? null : triggers.ready(app.id());
        if (app == null || index == null) {
            return null;
        }
        TriggerSlot slot = index.find(source);
        if (slot == null) {
            return Mono.error(StoreErrors.noTriggerFor(source));
        }
        FnEntry entry = fns.ready(slot.trigger().fnId());
        return entry == null ? null : slot.target(app, entry.fn, source);
    }

    private Mono<Target> read(App app, TriggerIndex index, String source) {
        TriggerSlot slot = index.find(source);
        if (slot == null) {
            return Mono.error(StoreErrors.noTriggerFor(source));
        }
        return fns.get(slot.trigger().fnId()).flatMap(entry -> slot.target(app, entry.fn, source));
    }

    void appNamed(String name) {
        ids.drop(name);
    }

    void appChanged(String id) {
        apps.drop(id);
    }

    void appGone(String id) {
        apps.drop(id);
        triggers.drop(id);
        ids.dropIf(id::equals);
        fns.dropIf(entry -> entry.fn.appId().equals(id));
    }

    void fnChanged(String id) {
        fns.drop(id);
    }

    void fnGone(String id) {
        fns.drop(id);
        triggers.dropIf(index -> index.mentions(id));
    }

    void triggersChanged(String appId) {
        triggers.drop(appId);
    }

    void triggerChanged(String id) {
        triggers.dropIf(index -> index.mentions(id));
    }
}
