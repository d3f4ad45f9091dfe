package io.headgate.function.store;

import io.headgate.function.model.App;
import io.headgate.function.model.AppPatch;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnPatch;
import io.headgate.function.model.Page;
import io.headgate.function.model.Trigger;
import io.headgate.function.model.TriggerPatch;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** A store around another one that passes all on that a subclass does not change. */
abstract class StoreDecorator implements FunctionStore {

    final FunctionStore next;

    StoreDecorator(FunctionStore next) {
        this.next = next;
    }

    @Override
    public Mono<App> createApp(App app) {
        return next.createApp(app);
    }

    @Override
    public Mono<App> updateApp(String id, AppPatch patch) {
        return next.updateApp(id, patch);
    }

    @Override
    public Mono<Void> deleteApp(String id) {
        return next.deleteApp(id);
    }

    @Override
    public Mono<App> app(String id) {
        return next.app(id);
    }

    @Override
    public Mono<String> appId(String name) {
        return next.appId(name);
    }

    @Override
    public Mono<Page<App>> apps(@Nullable String name, PageRequest page) {
        return next.apps(name, page);
    }

    @Override
    public Mono<Fn> createFn(Fn fn) {
        return next.createFn(fn);
    }

    @Override
    public Mono<Fn> updateFn(String id, FnPatch patch) {
        return next.updateFn(id, patch);
    }

    @Override
    public Mono<Void> deleteFn(String id) {
        return next.deleteFn(id);
    }

    @Override
    public Mono<Fn> fn(String id) {
        return next.fn(id);
    }

    @Override
    public Mono<Page<Fn>> fns(String appId, @Nullable String name, PageRequest page) {
        return next.fns(appId, name, page);
    }

    @Override
    public Mono<Trigger> createTrigger(Trigger trigger) {
        return next.createTrigger(trigger);
    }

    @Override
    public Mono<Trigger> updateTrigger(String id, TriggerPatch patch) {
        return next.updateTrigger(id, patch);
    }

    @Override
    public Mono<Void> deleteTrigger(String id) {
        return next.deleteTrigger(id);
    }

    @Override
    public Mono<Trigger> trigger(String id) {
        return next.trigger(id);
    }

    @Override
    public Mono<Page<Trigger>> triggers(String appId, @Nullable String fnId, @Nullable String name, PageRequest page) {
        return next.triggers(appId, fnId, name, page);
    }

    @Override
    public Mono<List<Trigger>> sources(String appId, String type) {
        return next.sources(appId, type);
    }

    @Override
    public Mono<Void> close() {
        return next.close();
    }

    @Override
    public String toString() {
        return getClass().getSimpleName() + " > " + next;
    }
}
