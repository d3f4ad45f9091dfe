package io.headgate.discovery.linkerd;

import io.headgate.GatewayException;
import java.util.Set;

/** The control plane has said that it will never know a name: asking again makes no sense. */
public final class NameRefusedException extends GatewayException {

    private static final long serialVersionUID = 1L;

    private final String name;

    /**
     * A name was refused.
     *
     * @param name the name
     * @param cause what the control plane answered; for the log
     */
    public NameRefusedException(String name, Throwable cause) {
        super(502, Set.of(), "destination: " + name + " (expected: a name that the control plane knows)", cause, false);
        this.name = name;
    }

    /**
     * The name that was refused.
     *
     * @return the name as it was asked for
     */
    public String name() {
        return name;
    }
}
