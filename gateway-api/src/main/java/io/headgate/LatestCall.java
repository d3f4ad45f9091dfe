package io.headgate;

import java.util.Objects;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** Chooses when it is subscribed: what was described before a change goes to the new service. */
final class LatestCall<I, O> extends Mono<O> {

    private final LatestService<I, O> service;
    private final I input;

    LatestCall(LatestService<I, O> service, I input) {
        this.service = service;
        this.input = input;
    }

    @Override
    public void subscribe(CoreSubscriber<? super O> actual) {
        Generation<I, O> latest = service.latest();
        while (!latest.enter()) {
            latest = service.latest();
        }
        Mono<O> answer;
        try {
            answer = Objects.requireNonNull(latest.service.call(input), "service: returned null");
        } catch (RuntimeException e) {
            latest.leave();
            Operators.error(actual, e);
            return;
        }
        answer.subscribe(new LatestCallSubscriber<>(latest, actual));
    }
}
