package io.headgate.samples;

import io.headgate.Stage;
import io.headgate.concurrency.Bulkhead;
import io.headgate.concurrency.ConcurrencyLimit;
import io.headgate.concurrency.LoadShedding;
import io.headgate.concurrency.Priority;
import io.headgate.forward.Client;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.ratelimit.RateKey;
import io.headgate.ratelimit.RateLimit;
import io.headgate.ratelimit.RateLimitStore;
import io.headgate.ratelimit.RateLimits;
import io.headgate.ratelimit.StoreFailure;
import java.time.Duration;

/** The examples of the pages on rate limits and concurrency in {@code docs/stages}, each between its tags. */
final class LimitExamples {

    private LimitExamples() {}

    // tag::rate-limits
    static RateLimits rateLimits() {
        return RateLimits.create()
                .with(RateLimit.perSecond(10).withBurst(20).withName("client"), RateKey.client())
                .with(RateLimit.perMinute(600).withName("key"), RateKey.header("x-api-key"))
                .with(RateLimit.perSecond(5000).withName("total"), RateKey.all());
    }
    // end::rate-limits

    // tag::rate-limit-store
    static Stage<HttpExchange, HttpReply> shared(RateLimitStore redis) {
        return rateLimits().withStore(redis, StoreFailure.ADMIT, Duration.ofMillis(20));
    }
    // end::rate-limit-store

    // tag::concurrency
    static Stage<HttpExchange, HttpReply> atMost200() {
        return ConcurrencyLimit.of(200).withQueue(100, Duration.ofMillis(500));
    }

    static Stage<HttpExchange, HttpReply> atMost20OfAClient() {
        return Bulkhead.of(20, exchange -> Client.of(exchange).address());
    }

    static Stage<HttpExchange, HttpReply> asManyAsItTakes() {
        return LoadShedding.create()
                .withPriority(exchange -> switch (exchange.head().path()) {
                    case "/checkout" -> Priority.HIGH;
                    case "/recommendations" -> Priority.LOW;
                    default -> Priority.standard(exchange);
                });
    }
    // end::concurrency
}
