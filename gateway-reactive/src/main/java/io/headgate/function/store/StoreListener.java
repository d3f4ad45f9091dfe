package io.headgate.function.store;

import io.headgate.function.model.App;
import io.headgate.function.model.AppPatch;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnPatch;
import io.headgate.function.model.Page;
import io.headgate.function.model.Trigger;
import io.headgate.function.model.TriggerPatch;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Takes part in what is done with a store: the place for policies of an organisation, for audit, and for what else is to happen with
 * applications and functions. All hooks do nothing unless overridden. See {@link ListenedStore} for when they are called.
 *
 * <p>A hook before an operation that fails forbids it: the caller gets the failure, as it is when it is a
 * {@link io.headgate.function.model.FunctionException} and else as a masked 500. A failure of a hook after an operation reaches the
 * caller as well, but what is done stays done.
 *
 * <p><b>Threading.</b> Any thread; must not block. Called once per subscription of the operation.
 */
public interface StoreListener {

    /**
     * An application is about to be created. Nothing of it has been checked.
     *
     * @param app as it was asked for
     * @return what is to be created in its place; empty leaves it as it is
     */
    default Mono<App> beforeAppCreate(App app) {
        return Mono.empty();
    }

    /**
     * An application has been created.
     *
     * @param app as it is kept
     * @return completes when the caller may be told
     */
    default Mono<Void> afterAppCreate(App app) {
        return Mono.empty();
    }

    /**
     * An application is about to be changed. Nothing of the change has been checked.
     *
     * @param id the application
     * @param patch what was asked for
     * @return what is to be changed in its place; empty leaves it as it is
     */
    default Mono<AppPatch> beforeAppUpdate(String id, AppPatch patch) {
        return Mono.empty();
    }

    /**
     * An application has been changed, or was asked to be what it is already.
     *
     * @param app as it is kept
     * @return completes when the caller may be told
     */
    default Mono<Void> afterAppUpdate(App app) {
        return Mono.empty();
    }

    /**
     * An application is about to be removed.
     *
     * @param id the application, which may not be there
     * @return completes when it may be removed
     */
    default Mono<Void> beforeAppDelete(String id) {
        return Mono.empty();
    }

    /**
     * An application has been removed.
     *
     * @param id the application
     * @return completes when the caller may be told
     */
    default Mono<Void> afterAppDelete(String id) {
        return Mono.empty();
    }

    /**
     * An application is about to be looked up by its id. Calls look applications up in a cache, and come here only now and then.
     *
     * @param id the application
     * @return completes when it may be looked up
     */
    default Mono<Void> beforeAppGet(String id) {
        return Mono.empty();
    }

    /**
     * An application has been looked up by its id.
     *
     * @param app as it is kept
     * @return completes when the caller may be told
     */
    default Mono<Void> afterAppGet(App app) {
        return Mono.empty();
    }

    /**
     * Applications are about to be listed.
     *
     * @param query which were asked for
     * @return which are to be listed in their place; empty leaves it as it is
     */
    default Mono<AppQuery> beforeAppList(AppQuery query) {
        return Mono.empty();
    }

    /**
     * Applications have been listed.
     *
     * @param apps the part that was asked for
     * @return completes when the caller may be told
     */
    default Mono<Void> afterAppList(Page<App> apps) {
        return Mono.empty();
    }

    /**
     * A function is about to be created. Nothing of it has been checked.
     *
     * @param fn as it was asked for
     * @return what is to be created in its place; empty leaves it as it is
     */
    default Mono<Fn> beforeFnCreate(Fn fn) {
        return Mono.empty();
    }

    /**
     * A function has been created.
     *
     * @param fn as it is kept
     * @return completes when the caller may be told
     */
    default Mono<Void> afterFnCreate(Fn fn) {
        return Mono.empty();
    }

    /**
     * A function is about to be changed. Nothing of the change has been checked.
     *
     * @param id the function
     * @param patch what was asked for
     * @return what is to be changed in its place; empty leaves it as it is
     */
    default Mono<FnPatch> beforeFnUpdate(String id, FnPatch patch) {
        return Mono.empty();
    }

    /**
     * A function has been changed, or was asked to be what it is already.
     *
     * @param fn as it is kept
     * @return completes when the caller may be told
     */
    default Mono<Void> afterFnUpdate(Fn fn) {
        return Mono.empty();
    }

    /**
     * A function is about to be removed.
     *
     * @param id the function, which may not be there
     * @return completes when it may be removed
     */
    default Mono<Void> beforeFnDelete(String id) {
        return Mono.empty();
    }

    /**
     * A function has been removed.
     *
     * @param id the function
     * @return completes when the caller may be told
     */
    default Mono<Void> afterFnDelete(String id) {
        return Mono.empty();
    }

    /**
     * A trigger is about to be created. Nothing of it has been checked.
     *
     * @param trigger as it was asked for
     * @return what is to be created in its place; empty leaves it as it is
     */
    default Mono<Trigger> beforeTriggerCreate(Trigger trigger) {
        return Mono.empty();
    }

    /**
     * A trigger has been created.
     *
     * @param trigger as it is kept
     * @return completes when the caller may be told
     */
    default Mono<Void> afterTriggerCreate(Trigger trigger) {
        return Mono.empty();
    }

    /**
     * A trigger is about to be changed. Nothing of the change has been checked.
     *
     * @param id the trigger
     * @param patch what was asked for
     * @return what is to be changed in its place; empty leaves it as it is
     */
    default Mono<TriggerPatch> beforeTriggerUpdate(String id, TriggerPatch patch) {
        return Mono.empty();
    }

    /**
     * A trigger has been changed, or was asked to be what it is already.
     *
     * @param trigger as it is kept
     * @return completes when the caller may be told
     */
    default Mono<Void> afterTriggerUpdate(Trigger trigger) {
        return Mono.empty();
    }

    /**
     * A trigger is about to be removed.
     *
     * @param id the trigger, which may not be there
     * @return completes when it may be removed
     */
    default Mono<Void> beforeTriggerDelete(String id) {
        return Mono.empty();
    }

    /**
     * A trigger has been removed.
     *
     * @param id the trigger
     * @return completes when the caller may be told
     */
    default Mono<Void> afterTriggerDelete(String id) {
        return Mono.empty();
    }

    /**
     * Which applications are listed.
     *
     * @param name the one name wanted, or null for all
     * @param page which part
     */
    record AppQuery(@Nullable String name, PageRequest page) {}
}
