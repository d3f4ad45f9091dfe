package io.headgate.function.r2dbc;

import io.headgate.function.model.App;
import io.headgate.function.model.AppPatch;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnPatch;
import io.headgate.function.model.Ids;
import io.headgate.function.model.Page;
import io.headgate.function.model.Trigger;
import io.headgate.function.model.TriggerPatch;
import io.headgate.function.store.FunctionStore;
import io.headgate.function.store.PageRequest;
import io.headgate.function.store.StoreErrors;
import io.r2dbc.spi.Connection;
import java.time.Clock;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Keeps applications, functions and triggers in a {@link Database}.
 *
 * <p>It checks what only a store can: that what is referred to is there, and that names and sources are not taken. What the fields may
 * be is checked before, by {@link io.headgate.function.store.ValidatedStore}.
 *
 * <p>What belongs to something is added and removed under a lock of its owner's row, so that nothing is left of what is added while
 * its owner goes; that H2 checks references is not enough for it.
 *
 * <p><b>Threading and cancellation.</b> As {@link Database} says: any thread may call, and a write that has its connection is done
 * whether or not its subscriber stays.
 */
public final class R2dbcFunctionStore implements FunctionStore {

    private final Connections connections;
    private final FunctionSql sql;
    private final Clock clock;
    private final Ids ids;

    /**
     * A store in a database. Several may share one.
     *
     * @param database an open database; not closed by the store
     * @param clock tells when things are created and changed
     */
    public R2dbcFunctionStore(Database database, Clock clock) {
        this.connections = database.connections();
        this.sql = new FunctionSql(database.dialect());
        this.clock = clock;
        this.ids = new Ids(clock);
    }

    @Override
    public Mono<App> createApp(App app) {
        return Mono.defer(() -> {
            App created = app.created(ids.next(), clock.instant());
            return connections
                    .change(connection -> sql.insert(connection, created))
                    .onErrorMap(Sql::isTaken, error -> StoreErrors.appTaken(app.name()))
                    .thenReturn(created);
        });
    }

    @Override
    public Mono<App> updateApp(String id, AppPatch patch) {
        return connections.transact(connection -> lockedApp(connection, id).flatMap(app -> {
            App patched = app.patched(patch, clock.instant());
            return patched == app
                    ? Mono.just(app)
                    : sql.update(connection, patched).thenReturn(patched);
        }));
    }

    @Override
    public Mono<Void> deleteApp(String id) {
        return connections.transact(connection -> lockedApp(connection, id)
                .then(Mono.defer(() -> sql.delete(connection, "fn_apps", id)))
                .then());
    }

    @Override
    public Mono<App> app(String id) {
        return connections
                .read(connection -> sql.app(connection, id))
                .switchIfEmpty(Mono.error(() -> StoreErrors.noApp(id)));
    }

    @Override
    public Mono<String> appId(String name) {
        return connections
                .read(connection -> sql.appId(connection, name))
                .switchIfEmpty(Mono.error(() -> StoreErrors.noAppNamed(name)));
    }

    @Override
    public Mono<Page<App>> apps(@Nullable String name, PageRequest page) {
        return connections
                .read(connection -> sql.apps(connection, name, page))
                .map(items -> page.page(items, App::name));
    }

    @Override
    public Mono<Fn> createFn(Fn fn) {
        return Mono.defer(() -> {
            Fn created = fn.created(ids.next(), clock.instant());
            return connections
                    .transact(connection ->
                            lockedApp(connection, fn.appId()).then(Mono.defer(() -> sql.insert(connection, created))))
                    .onErrorMap(Sql::isTaken, error -> StoreErrors.fnTaken(fn.name()))
                    .thenReturn(created);
        });
    }

    @Override
    public Mono<Fn> updateFn(String id, FnPatch patch) {
        return connections.transact(connection -> lockedFn(connection, id).flatMap(fn -> {
            Fn patched = fn.patched(patch, clock.instant());
            return patched == fn
                    ? Mono.just(fn)
                    : sql.update(connection, patched).thenReturn(patched);
        }));
    }

    @Override
    public Mono<Void> deleteFn(String id) {
        return connections.transact(connection -> lockedFn(connection, id)
                .then(Mono.defer(() -> sql.delete(connection, "fn_functions", id)))
                .then());
    }

    @Override
    public Mono<Fn> fn(String id) {
        return connections
                .read(connection -> sql.fn(connection, id))
                .switchIfEmpty(Mono.error(() -> StoreErrors.noFn(id)));
    }

    @Override
    public Mono<Page<Fn>> fns(String appId, @Nullable String name, PageRequest page) {
        return connections
                .read(connection -> sql.fns(connection, appId, name, page))
                .map(items -> page.page(items, Fn::name));
    }

    @Override
    public Mono<Trigger> createTrigger(Trigger trigger) {
        return Mono.defer(() -> {
            Trigger created = trigger.created(ids.next(), clock.instant());
            return connections
                    .transact(connection -> lockedApp(connection, trigger.appId())
                            .then(Mono.defer(() -> checkFn(connection, trigger)))
                            .then(Mono.defer(() -> sql.insert(connection, created))))
                    .onErrorMap(error -> refused(error, created))
                    .thenReturn(created);
        });
    }

    @Override
    public Mono<Trigger> updateTrigger(String id, TriggerPatch patch) {
        return connections.transact(connection -> lockFnOf(connection, id, patch)
                .then(Mono.defer(() -> lockedTrigger(connection, id)))
                .flatMap(trigger -> patchedTrigger(connection, trigger, patch)));
    }

    /** Before the trigger, as a delete of the function takes them: two that take them the other way round wait for each other. */
    private Mono<Fn> lockFnOf(Connection connection, String triggerId, TriggerPatch patch) {
        Mono<String> fnId =
                patch.fnId() == null ? sql.trigger(connection, triggerId).map(Trigger::fnId) : Mono.just(patch.fnId());
        return fnId.flatMap(id -> sql.lockedFn(connection, id));
    }

    private Mono<Trigger> patchedTrigger(Connection connection, Trigger trigger, TriggerPatch patch) {
        return Mono.defer(() -> {
            Trigger patched = trigger.patched(patch, clock.instant());
            return patched == trigger
                    ? Mono.just(trigger)
                    : checkFn(connection, patched)
                            .then(Mono.defer(() -> sql.update(connection, patched)))
                            .onErrorMap(error -> refused(error, patched))
                            .thenReturn(patched);
        });
    }

    private Mono<Void> checkFn(Connection connection, Trigger trigger) {
        return lockedFn(connection, trigger.fnId())
                .flatMap(fn -> fn.appId().equals(trigger.appId())
                        ? Mono.empty()
                        : Mono.error(StoreErrors.foreignFn(trigger.fnId())));
    }

    /** What a constraint says whose name the database tells. */
    private static Throwable refused(Throwable error, Trigger trigger) {
        if (!Sql.isTaken(error)) {
            return error;
        }
        return String.valueOf(error.getMessage()).toLowerCase(Locale.ROOT).contains("fn_triggers_name")
                ? StoreErrors.triggerTaken(trigger.name())
                : StoreErrors.sourceTaken(trigger.source());
    }

    @Override
    public Mono<Void> deleteTrigger(String id) {
        return connections.transact(connection -> lockedTrigger(connection, id)
                .then(Mono.defer(() -> sql.delete(connection, "fn_triggers", id)))
                .then());
    }

    @Override
    public Mono<Trigger> trigger(String id) {
        return connections
                .read(connection -> sql.trigger(connection, id))
                .switchIfEmpty(Mono.error(() -> StoreErrors.noTrigger(id)));
    }

    @Override
    public Mono<Page<Trigger>> triggers(String appId, @Nullable String fnId, @Nullable String name, PageRequest page) {
        return connections
                .read(connection -> sql.triggers(connection, appId, fnId, name, page))
                .map(page::triggerPage);
    }

    @Override
    public Mono<List<Trigger>> sources(String appId, String type) {
        return connections.read(connection -> sql.sources(connection, appId, type));
    }

    private Mono<App> lockedApp(Connection connection, String id) {
        return sql.lockedApp(connection, id).switchIfEmpty(Mono.error(() -> StoreErrors.noApp(id)));
    }

    private Mono<Fn> lockedFn(Connection connection, String id) {
        return sql.lockedFn(connection, id).switchIfEmpty(Mono.error(() -> StoreErrors.noFn(id)));
    }

    private Mono<Trigger> lockedTrigger(Connection connection, String id) {
        return sql.lockedTrigger(connection, id).switchIfEmpty(Mono.error(() -> StoreErrors.noTrigger(id)));
    }

    /**
     * Gives nothing up: the database belongs to who opened it.
     *
     * @return completes at once
     */
    @Override
    public Mono<Void> close() {
        return Mono.empty();
    }
}
