package io.headgate.ratelimit;

import io.headgate.http.HttpExchange;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;

/** What an exchange wants of a store. */
final class RateClaims {

    private RateClaims() {}

    static List<RateClaim> of(List<RateRule> rules, HttpExchange exchange, long cost) {
        if (cost <= 0) {
            return List.of();
        }
        List<RateClaim> claims = new ArrayList<>(rules.size());
        for (RateRule rule : rules) {
            Object key = rule.key().of(exchange);
            if (key != null) {
                claims.add(new RateClaim(rule.limit(), text(key), cost));
            }
        }
        return claims;
    }

    /** An address says where its name came from, too, which is no part of the key. */
    private static String text(Object key) {
        return key instanceof InetAddress address ? address.getHostAddress() : key.toString();
    }
}
