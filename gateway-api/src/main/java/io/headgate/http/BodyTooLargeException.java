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
    public BodyTooLargeException(int maxBytes) {
        super(
                413,
                Set.of(Trait.CLIENT_FAULT),
                "body: too large (expected: at most " + maxBytes + " bytes)",
                null,
                false);
    }
}
