package io.headgate.function.store;

import io.headgate.function.model.App;
import io.headgate.function.model.AppPatch;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnPatch;
import io.headgate.function.model.Page;
import io.headgate.function.model.Trigger;
import io.headgate.function.model.TriggerPatch;
import io.headgate.function.store.StoreListener.AppQuery;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Calls listeners around the operations of a store. It is laid around all the rest: listeners see what was asked for before it is
 * checked.
 *
 * <p>Applications have hooks for writes, for being looked up by id, and for being listed; functions and triggers for writes alone.
 * Listeners are called in their order, before and after, each when the one before it has completed. When one before the operation
 * fails, the operation is not carried out and the others are not called; when the operation fails, nobody is called after it.
 */
public final class ListenedStore extends StoreDecorator {

    private final List<StoreListener> listeners;

    private ListenedStore(FunctionStore next, List<StoreListener> listeners) {
        super(next);
        this.listeners = listeners;
    }

    /**
     * Lays listeners around a store.
     *
     * @param store the store
     * @param listeners who is called, in this order
     * @return the store with listeners; the same when there are none
     */
    public static FunctionStore of(FunctionStore store, List<StoreListener> listeners) {
        return listeners.isEmpty() ? store : new ListenedStore(store, List.copyOf(listeners));
    }

    /** What becomes of a value when each listener may put another one in its place. */
    private <T> Mono<T> before(T asked, Hook<T, T> hook) {
        Mono<T> value = Mono.just(asked);
        for (StoreListener listener : listeners) {
            value = value.flatMap(given -> hook.apply(listener, given).defaultIfEmpty(given));
        }
        return value;
    }

    private <T> Mono<T> after(T done, Hook<T, Void> hook) {
        return all(listener -> hook.apply(listener, done)).thenReturn(done);
    }

    private Mono<Void> all(Function<StoreListener, Mono<Void>> hook) {
        return Flux.fromIterable(listeners).concatMap(hook).then();
    }

    private interface Hook<T, R> extends BiFunction<StoreListener, T, Mono<R>> {}

    @Override
    public Mono<App> createApp(App app) {
        return before(app, StoreListener::beforeAppCreate)
                .flatMap(next::createApp)
                .flatMap(created -> after(created, StoreListener::afterAppCreate));
    }

    @Override
    public Mono<App> updateApp(String id, AppPatch patch) {
        return before(patch, (listener, change) -> listener.beforeAppUpdate(id, change))
                .flatMap(change -> next.updateApp(id, change))
                .flatMap(updated -> after(updated, StoreListener::afterAppUpdate));
    }

    @Override
    public Mono<Void> deleteApp(String id) {
        return all(listener -> listener.beforeAppDelete(id))
                .then(Mono.defer(() -> next.deleteApp(id)))
                .then(all(listener -> listener.afterAppDelete(id)));
    }

    @Override
    public Mono<App> app(String id) {
        return all(listener -> listener.beforeAppGet(id))
                .then(Mono.defer(() -> next.app(id)))
                .flatMap(app -> after(app, StoreListener::afterAppGet));
    }

    @Override
    public Mono<Page<App>> apps(@Nullable String name, PageRequest page) {
        return before(new AppQuery(name, page), StoreListener::beforeAppList)
                .flatMap(query -> next.apps(query.name(), query.page()))
                .flatMap(apps -> after(apps, StoreListener::afterAppList));
    }

    @Override
    public Mono<Fn> createFn(Fn fn) {
        return before(fn, StoreListener::beforeFnCreate)
                .flatMap(next::createFn)
                .flatMap(created -> after(created, StoreListener::afterFnCreate));
    }

    @Override
    public Mono<Fn> updateFn(String id, FnPatch patch) {
        return before(patch, (listener, change) -> listener.beforeFnUpdate(id, change))
                .flatMap(change -> next.updateFn(id, change))
                .flatMap(updated -> after(updated, StoreListener::afterFnUpdate));
    }

    @Override
    public Mono<Void> deleteFn(String id) {
        return all(listener -> listener.beforeFnDelete(id))
                .then(Mono.defer(() -> next.deleteFn(id)))
                .then(all(listener -> listener.afterFnDelete(id)));
    }

    @Override
    public Mono<Trigger> createTrigger(Trigger trigger) {
        return before(trigger, StoreListener::beforeTriggerCreate)
                .flatMap(next::createTrigger)
                .flatMap(created -> after(created, StoreListener::afterTriggerCreate));
    }

    @Override
    public Mono<Trigger> updateTrigger(String id, TriggerPatch patch) {
        return before(patch, (listener, change) -> listener.beforeTriggerUpdate(id, change))
                .flatMap(change -> next.updateTrigger(id, change))
                .flatMap(updated -> after(updated, StoreListener::afterTriggerUpdate));
    }

    @Override
    public Mono<Void> deleteTrigger(String id) {
        return all(listener -> listener.beforeTriggerDelete(id))
                .then(Mono.defer(() -> next.deleteTrigger(id)))
                .then(all(listener -> listener.afterTriggerDelete(id)));
    }
}
