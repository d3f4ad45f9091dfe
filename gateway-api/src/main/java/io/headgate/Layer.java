package io.headgate;

import java.time.Duration;
import reactor.core.publisher.Mono;

/**
 * What the factories of {@link Stage} wrap with: calls differ, all else is asked of the next service. A bare lambda would
 * answer for itself there, and a stack would report OPEN and closed while its endpoint is neither.
 */
abstract class Layer<I, O> implements Service<I, O> {

    private final String kind;
    private final Service<I, O> next;

    Layer(String kind, Service<I, O> next) {
        this.kind = kind;
        this.next = next;
    }

    @Override
    public final Status status() {
        return next.status();
    }

    @Override
    public final Mono<Void> closeAsync(Duration grace) {
        return next.closeAsync(grace);
    }

    @Override
    public final String describe() {
        return kind + '\n' + next.describe();
    }

    @Override
    public final String toString() {
        return kind;
    }
}
