package io.headgate.mux;

import io.headgate.http.RefusedException;

/** A request that breaks the protocol or a limit; refused before any service saw it. */
public final class RequestException extends RefusedException {

    private static final long serialVersionUID = 1L;

    private final Limit limit;

    /**
     * A request is refused.
     *
     * @param status 400 to 599
     * @param limit what it oversteps
     * @param message what is wrong and what was expected
     */
    public RequestException(int status, Limit limit, String message) {
        super(status, message);
        this.limit = limit;
    }

    /**
     * What the request oversteps.
     *
     * @return the limit, as observers are told
     */
    public Limit limit() {
        return limit;
    }
}
