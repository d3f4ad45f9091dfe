package io.headgate.function.store;

import io.headgate.function.model.App;
import io.headgate.function.model.AppPatch;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnPatch;
import io.headgate.function.model.Page;
import io.headgate.function.model.Trigger;
import io.headgate.function.model.TriggerPatch;
import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Tells an observer how long the operations of a store take and how they end, each subscription once. It stands directly around the
 * store: what validation refuses or a cache answers is not an operation.
 */
public final class ObservedStore extends StoreDecorator {

    private final StoreObserver observer;
    private final LongSupplier nanoTime;

    private ObservedStore(FunctionStore next, StoreObserver observer, LongSupplier nanoTime) {
        super(next);
        this.observer = observer;
        this.nanoTime = nanoTime;
    }

    /**
     * Lays an observer around a store.
     *
     * @param store the store
     * @param observer is told
     * @return the observed store
     */
    public static FunctionStore of(FunctionStore store, StoreObserver observer) {
        return of(store, observer, System::nanoTime);
    }

    /**
     * Lays an observer around a store, with another time source.
     *
     * @param store the store
     * @param observer is told
     * @param nanoTime the time in nanoseconds, from any beginning
     * @return the observed store
     */
    public static FunctionStore of(FunctionStore store, StoreObserver observer, LongSupplier nanoTime) {
        return new ObservedStore(store, observer, nanoTime);
    }

    private <T> Mono<T> observed(StoreOperation operation, Mono<T> done) {
        return Mono.defer(() -> {
            Observation observation = new Observation(operation, observer, nanoTime);
            return done.doOnSuccess(value -> observation.succeeded())
                    .doOnError(observation::failed)
                    .doOnCancel(observation::cancelled);
        });
    }

    @Override
    public Mono<App> createApp(App app) {
        return observed(StoreOperation.CREATE_APP, next.createApp(app));
    }

    @Override
    public Mono<App> updateApp(String id, AppPatch patch) {
        return observed(StoreOperation.UPDATE_APP, next.updateApp(id, patch));
    }

    @Override
    public Mono<Void> deleteApp(String id) {
        return observed(StoreOperation.DELETE_APP, next.deleteApp(id));
    }

    @Override
    public Mono<App> app(String id) {
        return observed(StoreOperation.GET_APP, next.app(id));
    }

    @Override
    public Mono<String> appId(String name) {
        return observed(StoreOperation.GET_APP_ID, next.appId(name));
    }

    @Override
    public Mono<Page<App>> apps(@Nullable String name, PageRequest page) {
        return observed(StoreOperation.LIST_APPS, next.apps(name, page));
    }

    @Override
    public Mono<Fn> createFn(Fn fn) {
        return observed(StoreOperation.CREATE_FN, next.createFn(fn));
    }

    @Override
    public Mono<Fn> updateFn(String id, FnPatch patch) {
        return observed(StoreOperation.UPDATE_FN, next.updateFn(id, patch));
    }

    @Override
    public Mono<Void> deleteFn(String id) {
        return observed(StoreOperation.DELETE_FN, next.deleteFn(id));
    }

    @Override
    public Mono<Fn> fn(String id) {
        return observed(StoreOperation.GET_FN, next.fn(id));
    }

    @Override
    public Mono<Page<Fn>> fns(String appId, @Nullable String name, PageRequest page) {
        return observed(StoreOperation.LIST_FNS, next.fns(appId, name, page));
    }

    @Override
    public Mono<Trigger> createTrigger(Trigger trigger) {
        return observed(StoreOperation.CREATE_TRIGGER, next.createTrigger(trigger));
    }

    @Override
    public Mono<Trigger> updateTrigger(String id, TriggerPatch patch) {
        return observed(StoreOperation.UPDATE_TRIGGER, next.updateTrigger(id, patch));
    }

    @Override
    public Mono<Void> deleteTrigger(String id) {
        return observed(StoreOperation.DELETE_TRIGGER, next.deleteTrigger(id));
    }

    @Override
    public Mono<Trigger> trigger(String id) {
        return observed(StoreOperation.GET_TRIGGER, next.trigger(id));
    }

    @Override
    public Mono<Page<Trigger>> triggers(String appId, @Nullable String fnId, @Nullable String name, PageRequest page) {
        return observed(StoreOperation.LIST_TRIGGERS, next.triggers(appId, fnId, name, page));
    }

    @Override
    public Mono<List<Trigger>> sources(String appId, String type) {
        return observed(StoreOperation.LIST_SOURCES, next.sources(appId, type));
    }
}
