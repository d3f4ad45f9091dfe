package io.headgate.function.api;

import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.function.model.ErrorKind;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;

/** Tells an {@link ApiObserver} of each request once. */
final class Observed implements Stage<HttpExchange, HttpReply> {

    private static final Logger LOG = LoggerFactory.getLogger(Observed.class);
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH");

    private final ApiObserver observer;
    private final LongSupplier nanoTime;
    private final Function<RequestHead, String> route;

    Observed(ApiObserver observer, LongSupplier nanoTime, Function<RequestHead, String> route) {
        this.observer = observer;
        this.nanoTime = nanoTime;
        this.route = route;
    }

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        if (observer == ApiObserver.NONE) {
            return next;
        }
        return new Layer<>("observed", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                return Mono.defer(() -> {
                    long start = nanoTime.getAsLong();
                    AtomicBoolean told = new AtomicBoolean();
                    return next.call(exchange)
                            .doOnNext(reply -> tell(told, exchange.head(), reply.status(), start))
                            .doOnCancel(() -> tell(told, exchange.head(), ErrorKind.CALLER_LEFT.status(), start));
                });
            }
        };
    }

    private void tell(AtomicBoolean told, RequestHead head, int status, long start) {
        if (!told.compareAndSet(false, true)) {
            return;
        }
        try {
            String method = METHODS.contains(head.method()) ? head.method() : "other";
            observer.answered(method, route.apply(head), status, nanoTime.getAsLong() - start);
        } catch (RuntimeException e) {
            LOG.warn("observer of the API failed on {} {}", head.method(), head.path(), e);
        }
    }
}
