package io.headgate.discovery.internal;

import io.headgate.discovery.EndpointDocument;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a document that is read again and again.
 *
 * @param document what it said when it made sense last, or null when it never did
 * @param away why that may not be current, or null when it is
 */
public record Reading(
        @Nullable EndpointDocument document, @Nullable Throwable away) {

    /** Nothing has been read yet. */
    public static final Reading NONE = new Reading(null, null);

    /** The document has been read or confirmed. */
    public static Reading of(@Nullable EndpointDocument document) {
        return new Reading(document, null);
    }

    /** The document makes no sense, or cannot be asked for: the last one that made sense stays in force. */
    public Reading failed(Throwable why) {
        return new Reading(document, why);
    }

    /** There is no document. At first that means that no name is known; later it is as good as any failure. */
    public Reading missing(Throwable why) {
        return new Reading(document == null ? EndpointDocument.EMPTY : document, why);
    }

    boolean saysTheSameAs(Reading other) {
        return document == other.document
                && (away == null) == (other.away == null)
                && (away == null || other.away == null || Objects.equals(away.getMessage(), other.away.getMessage()));
    }
}
