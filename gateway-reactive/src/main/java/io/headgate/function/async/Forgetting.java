package io.headgate.function.async;

import java.time.Duration;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Mono;

/** Has the store forget calls that ended long ago, now and then, some at a time. */
final class Forgetting {

    private static final Duration PAUSE = Duration.ofMinutes(1);
    private static final int AT_ONCE = 500;

    private final AsyncSetup setup;
    private final Disposable.Swap loop = Disposables.swap();

    Forgetting(AsyncSetup setup) {
        this.setup = setup;
    }

    void start() {
        loop.update(Mono.defer(() -> setup.after(PAUSE.plusMillis(
                        (long) (PAUSE.toMillis() * setup.random().getAsDouble()))))
                .then(Mono.defer(this::forget))
                .repeat()
                .subscribe(
                        none -> {},
                        error -> LoggerFactory.getLogger(AsyncCalls.class)
                                .error("No call is forgotten any more", error)));
    }

    void stop() {
        loop.dispose();
    }

    private Mono<Void> forget() {
        return forgetSome()
                .expand(count -> count < AT_ONCE ? Mono.empty() : forgetSome())
                .reduce(0L, Long::sum)
                .doOnNext(count -> {
                    if (count > 0) {
                        setup.observer().forgot(count);
                    }
                })
                .then();
    }

    private Mono<Long> forgetSome() {
        return setup.access()
                .once(
                        "forget",
                        () -> setup.store()
                                .forget(setup.now().minus(setup.settings().retention()), AT_ONCE))
                .onErrorReturn(0L);
    }
}
