package io.headgate.function;

import io.headgate.function.invoke.FunctionAgent;
import io.headgate.function.model.App;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnLimits;
import io.headgate.function.model.FunctionException;
import io.headgate.function.model.Page;
import io.headgate.function.store.FunctionStore;
import io.headgate.function.store.PageRequest;
import io.headgate.function.store.StoreListener;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Keeps instances warm of the functions that ask for it, from the time at which this process hears of them.
 *
 * <p>What was written is read again before anything is done about it, one function after the other: so hooks of writes that were made at
 * the same time may come in any order, and what is kept warm is what was written last. A write has been made when its hook comes, and
 * never fails by what happens here.
 */
final class Warmth implements StoreListener {

    private static final Logger LOG = LoggerFactory.getLogger(Warmth.class);
    private static final int PAGE = 100;

    private final FunctionStore store;
    private final FunctionAgent agent;
    private final ConcurrentMap<String, String> appOfFn = new ConcurrentHashMap<>(); // of those that have ever asked
    private final Queue<String> changed = new ConcurrentLinkedQueue<>();
    private final AtomicInteger missed = new AtomicInteger();

    Warmth(FunctionStore store, FunctionAgent agent) {
        this.store = store;
        this.agent = agent;
    }

    /** Warms what the store has already. */
    Mono<Void> begin() {
        return pages(page -> store.apps(null, page)).concatMap(this::warmAll).then();
    }

    private Mono<Void> warmAll(App app) {
        return pages(page -> store.fns(app.id(), null, page))
                .doOnNext(fn -> warmIfAsked(app, fn))
                .then();
    }

    private static <T> Flux<T> pages(Function<PageRequest, Mono<Page<T>>> list) {
        return list.apply(new PageRequest(null, PAGE))
                .expand(page -> page.next() == null ? Mono.empty() : list.apply(new PageRequest(page.next(), PAGE)))
                .concatMapIterable(Page::items);
    }

    /** One function that somebody has written past all checks does not keep the others from being served. */
    private void warmIfAsked(App app, Fn fn) {
        try {
            if (asks(fn)) {
                agent.warm(app, fn);
            }
        } catch (FunctionException e) {
            LOG.warn("function {}/{} is not kept warm: {}", app.name(), fn.name(), e.getMessage());
        }
    }

    /** Remembers it before it is read, or a later write might be overlooked. */
    private boolean asks(Fn fn) {
        boolean asks = FnLimits.of(fn).minInstances() > 0;
        if (asks) {
            appOfFn.put(fn.id(), fn.appId());
        }
        return asks;
    }

    private void look(String fnId) {
        changed.add(fnId);
        if (missed.getAndIncrement() == 0) {
            Mono.defer(this::lookAtNext)
                    .repeat(() -> missed.decrementAndGet() != 0)
                    .subscribe();
        }
    }

    private Mono<Void> lookAtNext() {
        String fnId = Objects.requireNonNull(changed.poll());
        return store.fn(fnId).flatMap(this::follow).onErrorResume(error -> {
            if (error instanceof FunctionException known && known.kind() == ErrorKind.NOT_FOUND) {
                appOfFn.remove(fnId);
                agent.forget(fnId);
            } else {
                LOG.warn("function {} cannot be read, and is kept warm as it was until its next call", fnId, error);
            }
            return Mono.empty();
        });
    }

    private Mono<Void> follow(Fn fn) {
        if (!asks(fn)) {
            agent.forget(fn.id());
            return Mono.empty();
        }
        return store.app(fn.appId()).doOnNext(app -> agent.warm(app, fn)).then();
    }

    @Override
    public Mono<Void> afterFnCreate(Fn fn) {
        return afterFnUpdate(fn);
    }

    @Override
    public Mono<Void> afterFnUpdate(Fn fn) {
        return Mono.fromRunnable(() -> {
            if (asks(fn) || appOfFn.containsKey(fn.id())) {
                look(fn.id());
            }
        });
    }

    @Override
    public Mono<Void> afterAppUpdate(App app) {
        return Mono.fromRunnable(() -> lookAtAll(app.id()));
    }

    @Override
    public Mono<Void> afterFnDelete(String id) {
        return Mono.fromRunnable(() -> {
            if (appOfFn.containsKey(id)) {
                look(id);
            } else {
                agent.forget(id);
            }
        });
    }

    @Override
    public Mono<Void> afterAppDelete(String id) {
        return Mono.fromRunnable(() -> lookAtAll(id));
    }

    private void lookAtAll(String appId) {
        appOfFn.forEach((fn, app) -> {
            if (app.equals(appId)) {
                look(fn);
            }
        });
    }
}
