package io.headgate.function.model;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An application: a name under which functions share configuration.
 *
 * @param id made by the store, sortable by time; empty before
 * @param name unique, 1 to 255 letters, digits, {@code _} and {@code -}; never changes
 * @param config goes into the environment of all its functions
 * @param annotations what tools remember of it
 * @param syslogUrl where lines of its functions are shipped to, or null
 * @param createdAt set by the store, in milliseconds
 * @param updatedAt set by the store when something has really changed
 */
public record App(
        String id,
        String name,
        Map<String, String> config,
        Annotations annotations,
        @Nullable String syslogUrl,
        Instant createdAt,
        Instant updatedAt) {

    /** Copies the map. */
    public App {
        config = Map.copyOf(config);
    }

    /**
     * An application that no store has yet.
     *
     * @param name the name
     * @return the application, without configuration
     */
    public static App named(String name) {
        return new App("", name, Map.of(), Annotations.NONE, null, Instant.EPOCH, Instant.EPOCH);
    }

    /**
     * This application as it may be created.
     *
     * @return the same with compacted annotations
     * @throws FunctionException what is wrong with a field, whatever is kept already
     */
    public App checked() {
        Validation.noId(id);
        return valid();
    }

    /**
     * This application as it is kept from now on.
     *
     * @param newId its id
     * @param now the time, cut to milliseconds
     * @return the application
     */
    public App created(String newId, Instant now) {
        Instant time = now.truncatedTo(ChronoUnit.MILLIS);
        return new App(newId, name, config, annotations, syslogUrl, time, time);
    }

    /**
     * This application after a change.
     *
     * @param patch what is to change
     * @param now the time, cut to milliseconds
     * @return the changed application, or this very object when nothing is different
     * @throws FunctionException what is wrong with a field, or what must not change
     */
    public App patched(AppPatch patch, Instant now) {
        AppPatch change = patch.checked(id);
        Validation.unchanged("name", name, change.name());
        App merged = new App(
                        id,
                        name,
                        Validation.merged(config, change.config()),
                        annotations.merged(change.annotations()),
                        change.syslogUrl() == null ? syslogUrl : change.syslogUrl(),
                        createdAt,
                        updatedAt)
                .valid();
        return merged.equals(this) ? this : merged.updated(now);
    }

    private App updated(Instant now) {
        return new App(id, name, config, annotations, syslogUrl, createdAt, now.truncatedTo(ChronoUnit.MILLIS));
    }

    private App valid() {
        Validation.name(name);
        Validation.config(config);
        String url = syslogUrl == null || syslogUrl.isEmpty() ? null : syslogUrl;
        if (url != null) {
            Validation.syslogUrl(url);
        }
        return new App(id, name, Validation.merged(Map.of(), config), annotations.checked(), url, createdAt, updatedAt);
    }
}
