package io.headgate.admin;

import java.net.InetSocketAddress;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A request to the admin server, for who decides whether it is allowed. Not to be kept. */
public final class AdminRequest {

    private final String method;
    private final String path;
    private final @Nullable InetSocketAddress remote;
    private final Function<String, @Nullable String> fields;

    AdminRequest(
            String method, String path, @Nullable InetSocketAddress remote, Function<String, @Nullable String> fields) {
        this.method = Objects.requireNonNull(method, "method");
        this.path = Objects.requireNonNull(path, "path");
        this.remote = remote;
        this.fields = Objects.requireNonNull(fields, "fields");
    }

    /**
     * What is to be done.
     *
     * @return the method, such as {@code GET}
     */
    public String method() {
        return method;
    }

    /**
     * With what.
     *
     * @return the path, decoded, without the query
     */
    public String path() {
        return path;
    }

    /**
     * Who asks.
     *
     * @return the other end of the connection, or null when it is gone
     */
    public @Nullable InetSocketAddress remote() {
        return remote;
    }

    /**
     * A header field, such as {@code authorization}.
     *
     * @param name in any case
     * @return the first one, or null
     */
    public @Nullable String field(String name) {
        return fields.apply(name);
    }

    /**
     * Tells whether it only wants to know how the gateway is: what a cluster asks.
     *
     * @return true for {@code /live} and {@code /ready}
     */
    public boolean isProbe() {
        return path.equals("/live") || path.equals("/ready");
    }

    @Override
    public String toString() {
        return method + " " + path + " from " + remote;
    }
}
