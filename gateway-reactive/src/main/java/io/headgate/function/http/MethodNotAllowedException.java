package io.headgate.function.http;

import io.headgate.GatewayException;
import io.headgate.Trait;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The path is known, the method is not for it; the reply names those that are in {@code allow} (RFC 9110 section 15.5.6). */
public final class MethodNotAllowedException extends GatewayException {

    private static final long serialVersionUID = 1L;

    private final String allowed;

    /**
     * A method is not for a path.
     *
     * @param method the method
     * @param allowed the methods of the path, in the order to name them
     */
    public MethodNotAllowedException(String method, Collection<String> allowed) {
        super(
                405,
                Set.of(Trait.REJECTED, Trait.CLIENT_FAULT),
                "method: " + method + " (expected: " + String.join(", ", List.copyOf(allowed)) + ")",
                null,
                false);
        this.allowed = String.join(", ", allowed);
    }

    @Override
    public Map<String, String> replyFields() {
        return Map.of("allow", allowed);
    }
}
