package io.headgate.function.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is to change of a trigger. What is null stays.
 *
 * @param id must be that of the trigger when it is there
 * @param appId must be that of the trigger when it is there
 * @param fnId another function of the same application
 * @param name another name, unique in the function
 * @param source another path, unique in application and type
 * @param annotations compacted JSON by key, merged; an empty string or null of JSON removes its key
 */
public record TriggerPatch(
        @Nullable String id,
        @Nullable String appId,
        @Nullable String fnId,
        @Nullable String name,
        @Nullable String source,
        @Nullable Map<String, String> annotations) {
    /**
     * This patch when all that it says may be.
     *
     * @param ofId what it is for
     * @return the same with compacted annotations
     * @throws FunctionException what is wrong with a field, whatever is kept already
     */
    public TriggerPatch checked(String ofId) {
        Validation.sameId(ofId, id);
        if (fnId != null) {
            Validation.reference("fn_id", fnId);
        }
        if (name != null) {
            Validation.name(name);
        }
        if (source != null) {
            TriggerSource.check(source);
        }
        Map<String, String> compacted = annotations == null ? null : Annotations.compacted(annotations);
        return new TriggerPatch(id, appId, fnId, name, source, compacted);
    }
}
