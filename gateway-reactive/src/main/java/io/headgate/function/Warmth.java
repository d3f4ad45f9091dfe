package io.headgate.function;

import io.headgate.function.invoke.FunctionAgent;
import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnLimits;
import io.headgate.function.model.Page;
import io.headgate.function.store.FunctionStore;
import io.headgate.function.store.PageRequest;
import io.headgate.function.store.StoreListener;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Keeps instances warm of the functions that ask for it, from the time at which this process hears of them. */
final class Warmth implements StoreListener {

    private static final int PAGE = 100;

    private final FunctionStore store;
    private final FunctionAgent agent;
    private final ConcurrentMap<String, String> appOfFn = new ConcurrentHashMap<>();

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
                .doOnNext(fn -> warm(app, fn))
                .then();
    }

    private static <T> Flux<T> pages(Function<PageRequest, Mono<Page<T>>> list) {
        return list.apply(new PageRequest(null, PAGE))
                .expand(page -> page.next() == null ? Mono.empty() : list.apply(new PageRequest(page.next(), PAGE)))
                .concatMapIterable(Page::items);
    }

    private void warm(App app, Fn fn) {
        if (FnLimits.of(fn).minInstances() > 0) {
            appOfFn.put(fn.id(), app.id());
            agent.warm(app, fn);
        } else {
            cool(fn.id());
        }
    }

    private void cool(String fnId) {
        if (appOfFn.remove(fnId) != null) {
            agent.forget(fnId);
        }
    }

    @Override
    public Mono<Void> afterFnCreate(Fn fn) {
        return afterFnUpdate(fn);
    }

    @Override
    public Mono<Void> afterFnUpdate(Fn fn) {
        if (FnLimits.of(fn).minInstances() == 0) {
            cool(fn.id());
            return Mono.empty();
        }
        return store.app(fn.appId()).doOnNext(app -> warm(app, fn)).then();
    }

    @Override
    public Mono<Void> afterAppUpdate(App app) {
        return appOfFn.containsValue(app.id()) ? warmAll(app) : Mono.empty();
    }

    @Override
    public Mono<Void> afterFnDelete(String id) {
        return Mono.fromRunnable(() -> {
            appOfFn.remove(id);
            agent.forget(id);
        });
    }

    @Override
    public Mono<Void> afterAppDelete(String id) {
        return Mono.fromRunnable(() -> appOfFn.forEach((fn, app) -> {
            if (app.equals(id)) {
                cool(fn);
            }
        }));
    }
}
