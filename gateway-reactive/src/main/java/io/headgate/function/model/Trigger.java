package io.headgate.function.model;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * A way to call a function from outside: a path below that of its application.
 *
 * @param id made by the store, sortable by time; empty before
 * @param appId the application
 * @param fnId the function, of that application
 * @param name unique in its function, by the rules of {@link App#name}
 * @param type {@link #HTTP}
 * @param source the path, beginning with a slash; unique in its application and type. It may end with {@code /*} and have
 *     parameters, {@code /orders/{id}}
 * @param annotations what tools remember of it
 * @param createdAt set by the store, in milliseconds
 * @param updatedAt set by the store when something has really changed
 */
public record Trigger(
        String id,
        String appId,
        String fnId,
        String name,
        String type,
        String source,
        Annotations annotations,
        Instant createdAt,
        Instant updatedAt) {

    /** The one type there is. */
    public static final String HTTP = "http";

    /**
     * A trigger that no store has yet.
     *
     * @param appId the application
     * @param fnId the function
     * @param name the name
     * @param source the path
     * @return the trigger, of type {@link #HTTP}
     */
    public static Trigger of(String appId, String fnId, String name, String source) {
        return new Trigger("", appId, fnId, name, HTTP, source, Annotations.NONE, Instant.EPOCH, Instant.EPOCH);
    }

    /**
     * This trigger as it may be created.
     *
     * @return the same with compacted annotations
     * @throws FunctionException what is wrong with a field, whatever is kept already
     */
    public Trigger checked() {
        Validation.noId(id);
        Validation.reference("app_id", appId);
        Validation.reference("fn_id", fnId);
        return valid();
    }

    /**
     * This trigger as it is kept from now on.
     *
     * @param newId its id
     * @param now the time, cut to milliseconds
     * @return the trigger
     */
    public Trigger created(String newId, Instant now) {
        Instant time = now.truncatedTo(ChronoUnit.MILLIS);
        return new Trigger(newId, appId, fnId, name, type, source, annotations, time, time);
    }

    /**
     * This trigger after a change.
     *
     * @param patch what is to change
     * @param now the time, cut to milliseconds
     * @return the changed trigger, or this very object when nothing is different
     * @throws FunctionException what is wrong with a field, or what must not change; references and what is unique are for the
     *     store to check
     */
    public Trigger patched(TriggerPatch patch, Instant now) {
        TriggerPatch change = patch.checked(id);
        Validation.unchanged("app_id", appId, change.appId());
        Trigger merged = new Trigger(
                        id,
                        appId,
                        change.fnId() == null ? fnId : change.fnId(),
                        change.name() == null ? name : change.name(),
                        type,
                        change.source() == null ? source : change.source(),
                        annotations.merged(change.annotations()),
                        createdAt,
                        updatedAt)
                .valid();
        return merged.equals(this) ? this : merged.updated(now);
    }

    private Trigger updated(Instant now) {
        return new Trigger(
                id, appId, fnId, name, type, source, annotations, createdAt, now.truncatedTo(ChronoUnit.MILLIS));
    }

    private Trigger valid() {
        Validation.name(name);
        if (!type.equals(HTTP)) {
            throw Validation.invalid("type", type, HTTP);
        }
        TriggerSource.check(source);
        Annotations said = annotations.checked();
        CallAnnotations.check(said);
        return new Trigger(id, appId, fnId, name, type, source, said, createdAt, updatedAt);
    }
}
