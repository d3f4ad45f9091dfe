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

/**
 * Keeps applications, functions and triggers.
 *
 * <p>What is not there, taken or malformed is a {@link io.headgate.function.model.FunctionException} that says so; any other error is
 * a failure of the store. Nothing happens before the subscription; a write that has started is not undone by a cancel.
 *
 * <p><b>Threading.</b> Any thread may call. Signals come on a thread of the store.
 */
public interface FunctionStore {

    /**
     * Adds an application.
     *
     * @param app without id
     * @return as it is kept, or a conflict when the name is taken
     */
    Mono<App> createApp(App app);

    /**
     * Changes an application.
     *
     * @param id the application
     * @param patch what is to change
     * @return as it is kept
     */
    Mono<App> updateApp(String id, AppPatch patch);

    /**
     * Removes an application with its functions and triggers, all or nothing.
     *
     * @param id the application
     * @return completes when they are gone
     */
    Mono<Void> deleteApp(String id);

    /**
     * Looks an application up.
     *
     * @param id the application
     * @return the application
     */
    Mono<App> app(String id);

    /**
     * Looks the id of an application up.
     *
     * @param name its name
     * @return its id
     */
    Mono<String> appId(String name);

    /**
     * Lists applications.
     *
     * @param name the one name wanted, or null for all
     * @param page which part
     * @return the part
     */
    Mono<Page<App>> apps(@Nullable String name, PageRequest page);

    /**
     * Adds a function.
     *
     * @param fn without id
     * @return as it is kept
     */
    Mono<Fn> createFn(Fn fn);

    /**
     * Changes a function.
     *
     * @param id the function
     * @param patch what is to change
     * @return as it is kept
     */
    Mono<Fn> updateFn(String id, FnPatch patch);

    /**
     * Removes a function with its triggers, all or nothing.
     *
     * @param id the function
     * @return completes when they are gone
     */
    Mono<Void> deleteFn(String id);

    /**
     * Looks a function up.
     *
     * @param id the function
     * @return the function
     */
    Mono<Fn> fn(String id);

    /**
     * Lists functions of an application.
     *
     * @param appId the application
     * @param name the one name wanted, or null for all
     * @param page which part
     * @return the part, empty when there is no such application
     */
    Mono<Page<Fn>> fns(String appId, @Nullable String name, PageRequest page);

    /**
     * Adds a trigger.
     *
     * @param trigger without id
     * @return as it is kept
     */
    Mono<Trigger> createTrigger(Trigger trigger);

    /**
     * Changes a trigger.
     *
     * @param id the trigger
     * @param patch what is to change
     * @return as it is kept
     */
    Mono<Trigger> updateTrigger(String id, TriggerPatch patch);

    /**
     * Removes a trigger.
     *
     * @param id the trigger
     * @return completes when it is gone
     */
    Mono<Void> deleteTrigger(String id);

    /**
     * Looks a trigger up.
     *
     * @param id the trigger
     * @return the trigger
     */
    Mono<Trigger> trigger(String id);

    /**
     * Lists triggers of an application.
     *
     * @param appId the application
     * @param fnId the one function wanted, or null for all
     * @param name the one name wanted, or null for all
     * @param page which part
     * @return the part, empty when there is no such application
     */
    Mono<Page<Trigger>> triggers(String appId, @Nullable String fnId, @Nullable String name, PageRequest page);

    /**
     * All triggers of one type of an application, for an index of their sources.
     *
     * @param appId the application
     * @param type the type
     * @return the triggers by source
     */
    Mono<List<Trigger>> sources(String appId, String type);

    /**
     * Gives up what the store holds. May be called again.
     *
     * @return completes when it is given up
     */
    Mono<Void> close();
}
