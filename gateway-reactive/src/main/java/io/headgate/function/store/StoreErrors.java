package io.headgate.function.store;

import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;

/** What every store says when something is not there or taken. */
public final class StoreErrors {

    private StoreErrors() {}

    /**
     * There is no such application.
     *
     * @param id of the application
     * @return a 404
     */
    public static FunctionException noApp(String id) {
        return missing("app_id", id, "the id of an app");
    }

    /**
     * There is no application of that name.
     *
     * @param name of the application
     * @return a 404
     */
    public static FunctionException noAppNamed(String name) {
        return missing("app", name, "the name of an app");
    }

    /**
     * There is no such function.
     *
     * @param id of the function
     * @return a 404
     */
    public static FunctionException noFn(String id) {
        return missing("fn_id", id, "the id of a function");
    }

    /**
     * There is no such trigger.
     *
     * @param id of the trigger
     * @return a 404
     */
    public static FunctionException noTrigger(String id) {
        return missing("trigger_id", id, "the id of a trigger");
    }

    /**
     * No trigger of an application is for a path.
     *
     * @param path the path
     * @return a 404
     */
    public static FunctionException noTriggerFor(String path) {
        return missing("path", path, "the source of a trigger of the app");
    }

    /**
     * A trigger is to call a function of another application.
     *
     * @param fnId the function
     * @return a 400
     */
    public static FunctionException foreignFn(String fnId) {
        return new FunctionException(ErrorKind.INVALID, "fn_id: " + fnId + " (expected: a function of the same app)");
    }

    /**
     * An application of that name is there.
     *
     * @param name the name
     * @return a 409
     */
    public static FunctionException appTaken(String name) {
        return taken("name", name, "one that no other app has");
    }

    /**
     * A function of that name is in the application.
     *
     * @param name the name
     * @return a 409
     */
    public static FunctionException fnTaken(String name) {
        return taken("name", name, "one that no other function of the app has");
    }

    /**
     * The function has a trigger of that name.
     *
     * @param name the name
     * @return a 409
     */
    public static FunctionException triggerTaken(String name) {
        return taken("name", name, "one that no other trigger of the function has");
    }

    /**
     * The application has a trigger of that source and type.
     *
     * @param source the path
     * @return a 409
     */
    public static FunctionException sourceTaken(String source) {
        return taken("source", source, "one that no other trigger of the app has");
    }

    private static FunctionException missing(String field, String value, String expected) {
        return new FunctionException(ErrorKind.NOT_FOUND, field + ": " + value + " (expected: " + expected + ")");
    }

    private static FunctionException taken(String field, String value, String expected) {
        return new FunctionException(ErrorKind.CONFLICT, field + ": " + value + " (expected: " + expected + ")");
    }
}
