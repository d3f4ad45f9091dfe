package io.headgate.function.store;

import io.headgate.function.model.App;
import io.headgate.function.model.AppPatch;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnPatch;
import io.headgate.function.model.Trigger;
import io.headgate.function.model.TriggerPatch;
import reactor.core.publisher.Mono;

/** Tells a catalog of all writes when they have ended, well or not: a write that failed late may have been made. */
final class CatalogStore extends StoreDecorator {

    private final Catalog catalog;

    CatalogStore(FunctionStore next, Catalog catalog) {
        super(next);
        this.catalog = catalog;
    }

    /**
     * A write that has begun is not given up with the one who waits for it: it would be made all the same, and nobody would be left to
     * tell the catalog.
     */
    private static <T> Mono<T> write(Mono<T> write, Runnable dropStale) {
        Mono<T> told = write.doOnTerminate(dropStale);
        return Mono.deferContextual(
                context -> Mono.fromFuture(() -> told.contextWrite(context).toFuture(), true));
    }

    @Override
    public Mono<App> createApp(App app) {
        return write(next.createApp(app), () -> catalog.appNamed(app.name()));
    }

    @Override
    public Mono<App> updateApp(String id, AppPatch patch) {
        return write(next.updateApp(id, patch), () -> catalog.appChanged(id));
    }

    @Override
    public Mono<Void> deleteApp(String id) {
        return write(next.deleteApp(id), () -> catalog.appGone(id));
    }

    @Override
    public Mono<Fn> updateFn(String id, FnPatch patch) {
        return write(next.updateFn(id, patch), () -> catalog.fnChanged(id));
    }

    @Override
    public Mono<Void> deleteFn(String id) {
        return write(next.deleteFn(id), () -> catalog.fnGone(id));
    }

    @Override
    public Mono<Trigger> createTrigger(Trigger trigger) {
        return write(next.createTrigger(trigger), () -> catalog.triggersChanged(trigger.appId()));
    }

    @Override
    public Mono<Trigger> updateTrigger(String id, TriggerPatch patch) {
        return write(next.updateTrigger(id, patch), () -> catalog.triggerChanged(id));
    }

    @Override
    public Mono<Void> deleteTrigger(String id) {
        return write(next.deleteTrigger(id), () -> catalog.triggerChanged(id));
    }
}
