package io.headgate.test;

import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.RequestHead;

/** Makes exchanges that came on no connection; {@link HttpExchange} itself has the copies with a deadline and so on. */
public final class TestExchange {

    private static final String AUTHORITY = "test.headgate.io";

    private TestExchange() {}

    /**
     * A request without a body.
     *
     * @param target path and query
     * @return the exchange
     */
    public static HttpExchange get(String target) {
        return HttpExchange.of(RequestHead.of("GET", AUTHORITY, target), Body.empty());
    }

    /**
     * A request with a body.
     *
     * @param target path and query
     * @param body the body; takes ownership
     * @return the exchange
     */
    public static HttpExchange post(String target, Body body) {
        return HttpExchange.of(RequestHead.of("POST", AUTHORITY, target), body);
    }
}
