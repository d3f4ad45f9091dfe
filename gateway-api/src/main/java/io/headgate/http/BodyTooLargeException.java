package io.headgate.http;

import io.headgate.GatewayException;
import io.headgate.Trait;
import java.util.Set;

/** A body has more bytes than the one who collects it wants to hold; answered with 413 (RFC 9110 section 15.5.14). */
public final class BodyTooLargeException extends GatewayException {

    private static final long serialVersionUID = 1L;

    /**
     * A body was larger than allowed.
     *
     * @param maxBytes how many bytes were allowed
     */
    public BodyTooLargeException(long maxBytes) {
        this(maxBytes, Set.of(Trait.CLIENT_FAULT));
    }

    private BodyTooLargeException(long maxBytes, Set<Trait> traits) {
        super(413, traits, "body: too large (expected: at most " + maxBytes + " bytes)", null, false);
    }

    /**
     * A body was announced larger than allowed, and nobody has read of it.
     *
     * @param maxBytes how many bytes are allowed
     * @return the failure, {@linkplain Trait#REJECTED rejected} before any work
     */
    public static BodyTooLargeException refused(long maxBytes) {
        return new BodyTooLargeException(maxBytes, Set.of(Trait.CLIENT_FAULT, Trait.REJECTED));
    }
}
