package io.headgate.function.store;

import io.headgate.function.model.App;
import io.headgate.function.model.AppPatch;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnPatch;
import io.headgate.function.model.Page;
import io.headgate.function.model.Trigger;
import io.headgate.function.model.TriggerPatch;
import java.time.Clock;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Keeps everything in memory, for tests and for programs that make their functions at each start.
 *
 * <p><b>Threading.</b> Any thread may call. Signals come on the thread that subscribes.
 */
public final class MemoryFunctionStore implements FunctionStore {

    private final MemoryTables tables; // guarded by itself

    private MemoryFunctionStore(MemoryTables tables) {
        this.tables = tables;
    }

    /**
     * An empty store.
     *
     * @return the store
     */
    public static MemoryFunctionStore create() {
        return create(Clock.systemUTC());
    }

    /**
     * An empty store with another clock.
     *
     * @param clock tells when things are created and changed
     * @return the store
     */
    public static MemoryFunctionStore create(Clock clock) {
        return new MemoryFunctionStore(new MemoryTables(clock));
    }

    private <T> Mono<T> locked(Function<MemoryTables, @Nullable T> operation) {
        return Mono.fromSupplier(() -> {
            synchronized (tables) {
                return operation.apply(tables);
            }
        });
    }

    private Mono<Void> removed(Function<MemoryTables, ?> operation) {
        return locked(operation).then();
    }

    @Override
    public Mono<App> createApp(App app) {
        return locked(all -> all.create(app));
    }

    @Override
    public Mono<App> updateApp(String id, AppPatch patch) {
        return locked(all -> all.update(id, patch));
    }

    @Override
    public Mono<Void> deleteApp(String id) {
        return removed(all -> all.deleteApp(id));
    }

    @Override
    public Mono<App> app(String id) {
        return locked(all -> all.app(id));
    }

    @Override
    public Mono<String> appId(String name) {
        return locked(all -> all.appId(name));
    }

    @Override
    public Mono<Page<App>> apps(@Nullable String name, PageRequest page) {
        return locked(all -> page.page(all.apps(name, page), App::name));
    }

    @Override
    public Mono<Fn> createFn(Fn fn) {
        return locked(all -> all.create(fn));
    }

    @Override
    public Mono<Fn> updateFn(String id, FnPatch patch) {
        return locked(all -> all.update(id, patch));
    }

    @Override
    public Mono<Void> deleteFn(String id) {
        return removed(all -> all.deleteFn(id));
    }

    @Override
    public Mono<Fn> fn(String id) {
        return locked(all -> all.fn(id));
    }

    @Override
    public Mono<Page<Fn>> fns(String appId, @Nullable String name, PageRequest page) {
        return locked(all -> page.page(all.fns(appId, name, page), Fn::name));
    }

    @Override
    public Mono<Trigger> createTrigger(Trigger trigger) {
        return locked(all -> all.create(trigger));
    }

    @Override
    public Mono<Trigger> updateTrigger(String id, TriggerPatch patch) {
        return locked(all -> all.update(id, patch));
    }

    @Override
    public Mono<Void> deleteTrigger(String id) {
        return removed(all -> all.deleteTrigger(id));
    }

    @Override
    public Mono<Trigger> trigger(String id) {
        return locked(all -> all.trigger(id));
    }

    @Override
    public Mono<Page<Trigger>> triggers(String appId, @Nullable String fnId, @Nullable String name, PageRequest page) {
        return locked(all -> page.triggerPage(all.triggers(appId, fnId, name, page)));
    }

    @Override
    public Mono<List<Trigger>> sources(String appId, String type) {
        return locked(all -> all.sources(appId, type));
    }

    @Override
    public Mono<Void> close() {
        return Mono.empty();
    }

    @Override
    public String toString() {
        return "MemoryFunctionStore";
    }
}
