package io.headgate.function.model;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is to change of an application. What is null stays.
 *
 * @param id must be that of the application when it is there
 * @param name must be that of the application when it is there: names never change
 * @param config merged; an empty value removes its key
 * @param annotations compacted JSON by key, merged; an empty string or null of JSON removes its key
 * @param syslogUrl where lines are shipped to; empty for nowhere
 */
public record AppPatch(
        @Nullable String id,
        @Nullable String name,
        @Nullable Map<String, String> config,
        @Nullable Map<String, String> annotations,
        @Nullable String syslogUrl) {
    /**
     * This patch when all that it says may be.
     *
     * @param ofId what it is for
     * @return the same with compacted annotations
     * @throws FunctionException what is wrong with a field, whatever is kept already
     */
    public AppPatch checked(String ofId) {
        Validation.sameId(ofId, id);
        if (name != null) {
            Validation.name(name);
        }
        if (config != null) {
            Validation.config(config);
        }
        if (syslogUrl != null && !syslogUrl.isEmpty()) {
            Validation.syslogUrl(syslogUrl);
        }
        Map<String, String> compacted = annotations == null ? null : Annotations.compacted(annotations);
        return new AppPatch(id, name, config, compacted, syslogUrl);
    }
}
