package io.headgate.tap.linkerd;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A gateway elsewhere cannot be observed, or no longer. The message names the gateway and what is wrong. Has no stack trace of its own. */
public final class TapException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** What went wrong. */
    public enum Reason {
        /** There is no connection: nobody listens there, or TLS has failed. */
        UNREACHABLE("no connection"),
        /** The connection was lost, or the gateway has closed. */
        LOST("the connection is lost"),
        /** The gateway understands the request and takes it for a mistake. */
        INVALID("the request is refused"),
        /** The gateway wants a certificate and was shown none. */
        UNAUTHENTICATED("a certificate is wanted"),
        /** The gateway does not tell this client anything. */
        FORBIDDEN("not allowed"),
        /** As many observe as may. */
        BUSY("too many observe"),
        /** What listens there has no tap. */
        UNSUPPORTED("no tap there"),
        /** The gateway, or what listens there, has a fault. */
        FAILED("it has failed");

        private final String text;

        Reason(String text) {
            this.text = text;
        }
    }

    private final Reason reason;
    private final String gateway;

    TapException(Reason reason, String gateway, @Nullable String detail, @Nullable Throwable cause) {
        super("tap of " + gateway + ": " + reason.text + (detail == null ? "" : ": " + detail), cause, false, false);
        this.reason = Objects.requireNonNull(reason, "reason");
        this.gateway = Objects.requireNonNull(gateway, "gateway");
    }

    /**
     * What went wrong.
     *
     * @return the reason
     */
    public Reason reason() {
        return reason;
    }

    /**
     * Which gateway it is.
     *
     * @return host and port
     */
    public String gateway() {
        return gateway;
    }
}
