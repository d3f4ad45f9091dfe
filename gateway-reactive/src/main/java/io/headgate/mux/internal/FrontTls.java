package io.headgate.mux.internal;

import io.headgate.http.TlsInfo;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** TLS of a client connection: what was agreed, and which requests may come on it. For its event loop alone. */
public final class FrontTls {

    private final TlsInfo info;
    private final @Nullable Predicate<String> authorities;
    private String last = ""; // most requests of a connection name the same authority

    /**
     * TLS of a connection.
     *
     * @param authorities those that the certificate of the connection stands for; null when requests may name any
     */
    public FrontTls(TlsInfo info, @Nullable Predicate<String> authorities) {
        this.info = info;
        this.authorities = authorities;
    }

    TlsInfo info() {
        return info;
    }

    /** Whether a request belongs on this connection. */
    boolean takes(String authority) {
        if (authorities != null && !authority.equals(last)) {
            if (!authorities.test(authority)) {
                return false;
            }
            last = authority;
        }
        return true;
    }
}
