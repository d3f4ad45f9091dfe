package io.headgate.route;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.RequestHead;

/** Exchanges for lookups. */
final class Requests {

    private Requests() {}

    static HttpExchange get(String authority, String target) {
        return of("GET", authority, target);
    }

    static HttpExchange of(String method, String authority, String target, CharSequence... fields) {
        return HttpExchange.of(new RequestHead(method, "http", authority, target, Fields.of(fields)), Body.empty());
    }
}
