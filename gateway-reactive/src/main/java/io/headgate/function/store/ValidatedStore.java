package io.headgate.function.store;

import io.headgate.function.model.App;
import io.headgate.function.model.AppPatch;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnPatch;
import io.headgate.function.model.Trigger;
import io.headgate.function.model.TriggerPatch;
import reactor.core.publisher.Mono;

/**
 * Lets a store see only what is well formed: a field that is not what it must be is a 400, before the store looks whether what it
 * refers to is there (404) and whether it is free (409).
 */
public final class ValidatedStore extends StoreDecorator {

    private ValidatedStore(FunctionStore next) {
        super(next);
    }

    /**
     * Checks what goes into a store.
     *
     * @param store the store
     * @return it with checks; the same when it has them already
     */
    public static FunctionStore of(FunctionStore store) {
        return store instanceof ValidatedStore ? store : new ValidatedStore(store);
    }

    @Override
    public Mono<App> createApp(App app) {
        return Mono.defer(() -> next.createApp(app.checked()));
    }

    @Override
    public Mono<App> updateApp(String id, AppPatch patch) {
        return Mono.defer(() -> next.updateApp(id, patch.checked(id)));
    }

    @Override
    public Mono<Fn> createFn(Fn fn) {
        return Mono.defer(() -> next.createFn(fn.checked()));
    }

    @Override
    public Mono<Fn> updateFn(String id, FnPatch patch) {
        return Mono.defer(() -> next.updateFn(id, patch.checked(id)));
    }

    @Override
    public Mono<Trigger> createTrigger(Trigger trigger) {
        return Mono.defer(() -> next.createTrigger(trigger.checked()));
    }

    @Override
    public Mono<Trigger> updateTrigger(String id, TriggerPatch patch) {
        return Mono.defer(() -> next.updateTrigger(id, patch.checked(id)));
    }
}
