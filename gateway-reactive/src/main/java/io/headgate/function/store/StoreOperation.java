package io.headgate.function.store;

/** What is done with a {@link FunctionStore}. */
public enum StoreOperation {
    /** {@link FunctionStore#createApp}. */
    CREATE_APP("create_app"),
    /** {@link FunctionStore#updateApp}. */
    UPDATE_APP("update_app"),
    /** {@link FunctionStore#deleteApp}. */
    DELETE_APP("delete_app"),
    /** {@link FunctionStore#app}. */
    GET_APP("get_app"),
    /** {@link FunctionStore#appId}. */
    GET_APP_ID("get_app_id"),
    /** {@link FunctionStore#apps}. */
    LIST_APPS("list_apps"),
    /** {@link FunctionStore#createFn}. */
    CREATE_FN("create_fn"),
    /** {@link FunctionStore#updateFn}. */
    UPDATE_FN("update_fn"),
    /** {@link FunctionStore#deleteFn}. */
    DELETE_FN("delete_fn"),
    /** {@link FunctionStore#fn}. */
    GET_FN("get_fn"),
    /** {@link FunctionStore#fns}. */
    LIST_FNS("list_fns"),
    /** {@link FunctionStore#createTrigger}. */
    CREATE_TRIGGER("create_trigger"),
    /** {@link FunctionStore#updateTrigger}. */
    UPDATE_TRIGGER("update_trigger"),
    /** {@link FunctionStore#deleteTrigger}. */
    DELETE_TRIGGER("delete_trigger"),
    /** {@link FunctionStore#trigger}. */
    GET_TRIGGER("get_trigger"),
    /** {@link FunctionStore#triggers}. */
    LIST_TRIGGERS("list_triggers"),
    /** {@link FunctionStore#sources}. */
    LIST_SOURCES("list_sources");

    private final String label;

    StoreOperation(String label) {
        this.label = label;
    }

    /**
     * The name of the operation in figures.
     *
     * @return lower case letters and {@code _}
     */
    public String label() {
        return label;
    }
}
