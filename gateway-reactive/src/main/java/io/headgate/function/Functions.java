package io.headgate.function;

import io.headgate.Service;
import io.headgate.function.api.FunctionsApi;
import io.headgate.function.async.AsyncCalls;
import io.headgate.function.async.CallStore;
import io.headgate.function.dispatch.DispatchSettings;
import io.headgate.function.dispatch.DispatchStats;
import io.headgate.function.http.ErrorReplies;
import io.headgate.function.invoke.CallListener;
import io.headgate.function.invoke.FunctionAgent;
import io.headgate.function.invoke.Invocations;
import io.headgate.function.invoke.Invoker;
import io.headgate.function.invoke.ListenedInvoker;
import io.headgate.function.log.FunctionLogs;
import io.headgate.function.log.LogSettings;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.function.store.Catalog;
import io.headgate.function.store.CatalogSettings;
import io.headgate.function.store.FunctionStore;
import io.headgate.function.store.ListenedStore;
import io.headgate.function.store.ObservedStore;
import io.headgate.function.store.StoreListener;
import io.headgate.function.store.StoreObserver;
import io.headgate.function.store.ValidatedStore;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * A function server as a service: the API under {@code /v2}, direct calls under {@code /invoke/}, triggers under {@code /t/}. It puts the
 * parts together in the order that they need; whoever wants another order takes the parts.
 *
 * <pre>{@code
 * Functions functions = Functions.builder(new R2dbcFunctionStore(database, clock), DispatchSettings.of(MachineBudget.detect()))
 *     .agent(agent -> agent.driver(driver))
 *     .calls(new R2dbcCallStore(database))
 *     .open()
 *     .block();
 * Listener listener = gateway.listen("127.0.0.1", 8080, functions).block();
 * }</pre>
 *
 * <p>The store is laid into, from the inside: validation, the {@link Builder#observer observer}, the {@link Builder#listener listeners}, and the cache
 * that calls look things up in, which what is written here invalidates. What other processes write is seen when the cache expires.
 *
 * <p>Functions that ask for instances at all times get them when this opens, and when they are written here.
 *
 * <p><b>Closing.</b> From the first subscription to {@link #closeAsync} on all requests are refused with 503. Asynchronous calls and the agent close at the same time: calls
 * that wait fail with 503 at once, asynchronous ones among them are given back, running ones go on within the grace, and what has not
 * ended then is given back or fails. Then instances and drivers are closed, and logs are flushed. Stores stay the caller's.
 *
 * <p><b>Threading.</b> Any thread may call; nothing blocks.
 */
public final class Functions implements Service<HttpExchange, HttpReply> {

    private static final Duration RETRY_AFTER = Duration.ofSeconds(1); // another gateway may take it at once

    private final FunctionStore store;
    private final FunctionLogs logs;
    private final FunctionAgent agent;
    private final @Nullable AsyncCalls async;
    private final FunctionsApi api;
    private final Invocations invocations;
    private final Warmth warmth;
    private final AtomicBoolean closing = new AtomicBoolean();
    private final Sinks.Empty<Void> closed = Sinks.empty();

    private Functions(Builder from) {
        FunctionStore checked = ValidatedStore.of(from.store);
        FunctionStore inner = from.observer == null ? checked : ObservedStore.of(checked, from.observer);
        this.logs = from.logs;
        FunctionAgent.Builder agents = FunctionAgent.builder(from.dispatch).logs(logs);
        from.agent.accept(agents);
        this.agent = agents.build();
        this.warmth = new Warmth(inner, agent);
        FunctionStore warmed =
                ListenedStore.of(inner, List.of(warmth)); // hears of what is written whatever listeners say
        Catalog catalog = Catalog.of(ListenedStore.of(warmed, from.listeners), from.catalog);
        this.store = catalog.store();
        Invoker invoker = ListenedInvoker.of(agent, from.callListeners);
        this.async = from.calls == null ? null : async(from, from.calls, invoker, catalog);
        this.invocations = invocations(from, catalog, invoker, async);
        this.api = api(from, store);
    }

    private static AsyncCalls async(Builder from, CallStore calls, Invoker invoker, Catalog catalog) {
        AsyncCalls.Builder builder = AsyncCalls.builder(calls, invoker, catalog::fn);
        from.async.accept(builder);
        return builder.start();
    }

    private static Invocations invocations(Builder from, Catalog catalog, Invoker invoker, @Nullable AsyncCalls async) {
        Invocations.Builder builder = Invocations.builder(catalog, invoker);
        if (async != null) {
            builder.async(async);
        }
        from.invocations.accept(builder);
        return builder.build();
    }

    private static FunctionsApi api(Builder from, FunctionStore store) {
        FunctionsApi.Builder builder = FunctionsApi.builder(store);
        if (from.calls != null) {
            builder.calls(from.calls);
        }
        from.api.accept(builder);
        return builder.build();
    }

    /**
     * A builder.
     *
     * @param store keeps applications, functions and triggers; stays the caller's to close
     * @param dispatch how instances are shared out, and what all of them may take
     * @return without drivers and without asynchronous calls
     */
    public static Builder builder(FunctionStore store, DispatchSettings dispatch) {
        return new Builder(store, dispatch);
    }

    @Override
    public Mono<HttpReply> call(HttpExchange exchange) {
        if (closing.get()) {
            exchange.body().discard();
            return Mono.just(ErrorReplies.of(
                    new FunctionException(ErrorKind.BUSY, "the server stops", null, RETRY_AFTER), exchange.head()));
        }
        String path = exchange.head().path();
        return path.startsWith("/invoke/") || path.startsWith("/t/") ? invocations.call(exchange) : api.call(exchange);
    }

    /**
     * The store as the API sees it: what is written through it is checked, told and seen by the next call.
     *
     * @return the store with all that is around it
     */
    public FunctionStore store() {
        return store;
    }

    /**
     * Runs functions, for who has another way to call them.
     *
     * @return the agent
     */
    public FunctionAgent agent() {
        return agent;
    }

    /**
     * How instances and queues are.
     *
     * @return the figures
     */
    public DispatchStats stats() {
        return agent.stats();
    }

    @Override
    public Status status() {
        return closing.get() ? Status.CLOSED : Status.OPEN;
    }

    /**
     * Closes all but the stores; see the class. Again: the grace of the first one counts.
     *
     * @param grace how long calls in flight may go on, asynchronous ones and others together; zero cuts them at once
     * @return completes when nothing is left; each subscription closes. Cancelling it changes nothing
     */
    @Override
    public Mono<Void> closeAsync(Duration grace) {
        Objects.requireNonNull(grace, "grace");
        return Mono.defer(() -> {
            if (closing.compareAndSet(false, true)) {
                closes(grace).subscribe(null, closed::tryEmitError, closed::tryEmitEmpty);
            }
            return closed.asMono();
        });
    }

    /** Asynchronous calls first, or they would be taken anew while the agent refuses. Nobody who waits is kept by a call that runs. */
    private Mono<Void> closes(Duration grace) {
        Mono<Void> calls = async == null ? Mono.empty() : async.closeAsync(grace);
        return Flux.concatDelayError(Mono.whenDelayError(calls, agent.closeAsync(grace)), Mono.defer(logs::closeAsync))
                .then();
    }

    @Override
    public String toString() {
        return "functions";
    }

    /** Collects the parts; not for use by several threads at once. */
    public static final class Builder {

        private final FunctionStore store;
        private final DispatchSettings dispatch;
        private final List<StoreListener> listeners = new ArrayList<>();
        private final List<CallListener> callListeners = new ArrayList<>();
        private @Nullable StoreObserver observer;
        private @Nullable CallStore calls;
        private CatalogSettings catalog = CatalogSettings.DEFAULTS;
        private FunctionLogs logs = FunctionLogs.create(LogSettings.DEFAULTS);
        private Consumer<? super FunctionAgent.Builder> agent = builder -> {};
        private Consumer<? super AsyncCalls.Builder> async = builder -> {};
        private Consumer<? super Invocations.Builder> invocations = builder -> {};
        private Consumer<? super FunctionsApi.Builder> api = builder -> {};

        private Builder(FunctionStore store, DispatchSettings dispatch) {
            this.store = Objects.requireNonNull(store, "store");
            this.dispatch = Objects.requireNonNull(dispatch, "dispatch");
        }

        /**
         * One more listener of the store, called in the order in which they are added.
         *
         * @param listener may change what is written, and refuse it
         * @return this
         */
        public Builder listener(StoreListener listener) {
            listeners.add(Objects.requireNonNull(listener, "listener"));
            return this;
        }

        /**
         * One more listener of calls, asked in the order in which they are added.
         *
         * @param listener may refuse a call before it runs, however it is made
         * @return this
         */
        public Builder callListener(CallListener listener) {
            callListeners.add(Objects.requireNonNull(listener, "listener"));
            return this;
        }

        /**
         * Who is told what the store was asked and how long it took.
         *
         * @param changed nobody unless set
         * @return this
         */
        public Builder observer(StoreObserver changed) {
            observer = Objects.requireNonNull(changed, "observer");
            return this;
        }

        /**
         * Keeps asynchronous calls; without it they are refused.
         *
         * @param changed stays the caller's to close
         * @return this
         */
        public Builder calls(CallStore changed) {
            calls = Objects.requireNonNull(changed, "calls");
            return this;
        }

        /**
         * How long calls may see what other processes have changed.
         *
         * @param changed {@link CatalogSettings#DEFAULTS} unless set
         * @return this
         */
        public Builder catalog(CatalogSettings changed) {
            catalog = Objects.requireNonNull(changed, "catalog");
            return this;
        }

        /**
         * What becomes of what functions print.
         *
         * @param changed closed with the functions
         * @return this
         */
        public Builder logs(FunctionLogs changed) {
            logs = Objects.requireNonNull(changed, "logs");
            return this;
        }

        /**
         * Sets the agent up: drivers, observers, limits.
         *
         * @param setUp called once, while this is opened
         * @return this
         */
        public Builder agent(Consumer<? super FunctionAgent.Builder> setUp) {
            agent = Objects.requireNonNull(setUp, "setUp");
            return this;
        }

        /**
         * Sets asynchronous calls up.
         *
         * @param setUp called once, while this is opened, when there is a store for them
         * @return this
         */
        public Builder async(Consumer<? super AsyncCalls.Builder> setUp) {
            async = Objects.requireNonNull(setUp, "setUp");
            return this;
        }

        /**
         * Sets up how requests become calls.
         *
         * @param setUp called once, while this is opened
         * @return this
         */
        public Builder invocations(Consumer<? super Invocations.Builder> setUp) {
            invocations = Objects.requireNonNull(setUp, "setUp");
            return this;
        }

        /**
         * Sets the API up: its public URL, middleware, endpoints.
         *
         * @param setUp called once, while this is opened
         * @return this
         */
        public Builder api(Consumer<? super FunctionsApi.Builder> setUp) {
            api = Objects.requireNonNull(setUp, "setUp");
            return this;
        }

        /**
         * Puts the parts together, takes up what is recorded, and warms functions that ask for it.
         *
         * @return ready for requests; instances may still start. What could not be read of the store is an error, and nothing is left running
         */
        public Mono<Functions> open() {
            return Mono.fromCallable(() -> new Functions(this)).flatMap(Functions::begin);
        }
    }

    private Mono<Functions> begin() {
        return warmth.begin()
                .thenReturn(this)
                .onErrorResume(error -> closeAsync(Duration.ZERO).then(Mono.error(error)));
    }
}
