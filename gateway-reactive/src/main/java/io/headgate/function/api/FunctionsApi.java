package io.headgate.function.api;

import io.headgate.Role;
import io.headgate.Service;
import io.headgate.Stack;
import io.headgate.Stage;
import io.headgate.function.async.CallStore;
import io.headgate.function.store.FunctionStore;
import io.headgate.function.store.ListenedStore;
import io.headgate.function.store.StoreListener;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.limit.RequestLimits;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The HTTP API of functions, version 2 of Fn's: applications, functions and triggers are made, listed, changed and removed under
 * {@code /v2}, and asynchronous calls are looked up, called off and revived. It describes itself in {@code /v2/openapi.json}.
 *
 * <pre>{@code
 * FunctionsApi api = FunctionsApi.builder(store).calls(callStore).build();
 * Listener listener = gateway.listen("127.0.0.1", 8080, api).block();
 * }</pre>
 *
 * <p>A request meets, in this order: the rule about pages of other origins, the observer, what keeps replies from caches, the rim where
 * failures become replies, the bound
 * of bodies, the middleware for all, the middleware for {@code /v2}, and what answers it. What logs and traces is laid around the whole.
 *
 * <p>Bodies are read strictly, but fields that are not known, and those that only the server sets, are ignored: tools send back what they
 * were given. It needs Jackson ({@code tools.jackson.core:jackson-databind}) on the class path.
 *
 * <p><b>Threading.</b> Any thread may call; nothing blocks.
 *
 * <p><b>Cancellation.</b> A cancel gives the request up; a write that the store has begun is not undone.
 *
 * <p><b>Errors.</b> None: failures are replies, as {@link io.headgate.function.http.ErrorReplies} makes them.
 */
public final class FunctionsApi implements Service<HttpExchange, HttpReply> {

    private final Service<HttpExchange, HttpReply> service;
    private final ApiRoutes routes;

    private FunctionsApi(Service<HttpExchange, HttpReply> service, ApiRoutes routes) {
        this.service = service;
        this.routes = routes;
    }

    /**
     * Begins an API.
     *
     * @param store where applications, functions and triggers are kept; it stays open when the API is closed
     * @return the builder
     */
    public static Builder builder(FunctionStore store) {
        return new Builder(store);
    }

    @Override
    public Mono<HttpReply> call(HttpExchange exchange) {
        return service.call(exchange);
    }

    @Override
    public Status status() {
        return service.status();
    }

    @Override
    public Mono<Void> closeAsync(Duration grace) {
        return service.closeAsync(grace);
    }

    @Override
    public String describe() {
        return service.describe();
    }

    @Override
    public String toString() {
        return "functions-api";
    }

    ApiRoutes routes() {
        return routes;
    }

    /** Collects what an API is made of; not for use by several threads at once. */
    public static final class Builder {

        /** A function has at most a hundred annotations of 512 bytes, and as much again of configuration is plenty. */
        private static final int DEFAULT_MAX_BODY_BYTES = 1 << 20;

        private final FunctionStore store;
        private final ApiRoutes.Builder added = new ApiRoutes.Builder();
        private final List<StoreListener> listeners = new ArrayList<>();
        private final List<Stage<HttpExchange, HttpReply>> middleware = new ArrayList<>();
        private final List<Stage<HttpExchange, HttpReply>> versionedMiddleware = new ArrayList<>();
        private final Set<String> allowedOrigins = new HashSet<>();
        private @Nullable CallStore calls;
        private String prefix = "";
        private @Nullable URI publicUrl;
        private int maxBodyBytes = DEFAULT_MAX_BODY_BYTES;
        private ApiObserver observer = ApiObserver.NONE;
        private String version =
                Objects.requireNonNullElse(FunctionsApi.class.getPackage().getImplementationVersion(), "unknown");
        private @Nullable Runnable shutdown;
        private Clock clock = Clock.systemUTC();
        private LongSupplier nanoTime = System::nanoTime;

        private Builder(FunctionStore store) {
            this.store = Objects.requireNonNull(store, "store");
        }

        /**
         * Serves what became of asynchronous calls. Without it their paths answer 410.
         *
         * @param calls where they are kept; it stays open when the API is closed
         * @return this
         */
        public Builder calls(CallStore calls) {
            this.calls = Objects.requireNonNull(calls, "calls");
            return this;
        }

        /**
         * Where the API is mounted.
         *
         * @param prefix the path before {@code /v2}, for example {@code /functions}; empty by default
         * @return this
         */
        public Builder prefix(String prefix) {
            if (!prefix.matches("(/[A-Za-z0-9._~-]+)*")) {
                throw new IllegalArgumentException("prefix: " + prefix
                        + " (expected: empty, or segments of letters, digits, . _ ~ and -, each behind a slash)");
            }
            this.prefix = prefix;
            return this;
        }

        /**
         * Where clients reach what calls functions, {@code /invoke} and {@code /t} below it. By default it is where the client came to: scheme
         * and authority of the request and the {@link #prefix}.
         *
         * @param publicUrl an absolute URL of HTTP, without query
         * @return this
         */
        public Builder publicUrl(URI publicUrl) {
            String scheme = String.valueOf(publicUrl.getScheme()).toLowerCase(Locale.ROOT);
            boolean web = scheme.equals("http") || scheme.equals("https");
            if (!web
                    || publicUrl.getHost() == null
                    || publicUrl.getRawQuery() != null
                    || publicUrl.getRawFragment() != null) {
                throw new IllegalArgumentException(
                        "publicUrl: " + publicUrl + " (expected: http or https, a host, no query and no fragment)");
            }
            this.publicUrl = publicUrl;
            return this;
        }

        /**
         * How large the body of a request may be; a larger one is answered with 413.
         *
         * @param bytes at least 1; 1 MiB by default
         * @return this
         */
        public Builder maxBodyBytes(int bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("maxBodyBytes: " + bytes + " (expected: at least 1)");
            }
            this.maxBodyBytes = bytes;
            return this;
        }

        /**
         * Lets pages of other origins use the API (CORS), without credentials. Without any, and to all other origins, nothing is said, and
         * requests of theirs that would change something are refused with 403.
         *
         * @param origins as browsers write them, for example {@code https://app.example}, or {@code *} for all
         * @return this
         */
        public Builder allowedOrigins(String... origins) {
            for (String origin : origins) {
                String lower = origin.toLowerCase(Locale.ROOT);
                if (!lower.equals(OriginRule.ANY) && !lower.matches("https?://[^/?#@\\s]+")) {
                    throw new IllegalArgumentException("origin: " + origin
                            + " (expected: http or https, host and optional port, nothing more; or *)");
                }
                allowedOrigins.add(lower);
            }
            return this;
        }

        /**
         * Is told of every request but those that the rule about origins has answered.
         *
         * @param observer the observer
         * @return this
         */
        public Builder observer(ApiObserver observer) {
            this.observer = Objects.requireNonNull(observer, "observer");
            return this;
        }

        /**
         * Adds a listener, called around what the API does with the store. It hears of the API alone: where others are to be heard as well, lay a
         * {@link ListenedStore} around the store instead.
         *
         * @param listener the listener; the first that is added is called first
         * @return this
         */
        public Builder listener(StoreListener listener) {
            listeners.add(Objects.requireNonNull(listener, "listener"));
            return this;
        }

        /**
         * Adds middleware for all requests, those for paths that there are not included. The first that is added is met first. It calls the next
         * service or does not; when it fails, the client gets a masked 500, or what a {@link io.headgate.GatewayException} says.
         *
         * @param stage the middleware
         * @return this
         */
        public Builder middleware(Stage<HttpExchange, HttpReply> stage) {
            middleware.add(Objects.requireNonNull(stage, "stage"));
            return this;
        }

        /**
         * Adds middleware for requests under {@code /v2} alone, met behind that for all.
         *
         * @param stage the middleware
         * @return this
         * @see #middleware
         */
        public Builder apiMiddleware(Stage<HttpExchange, HttpReply> stage) {
            versionedMiddleware.add(Objects.requireNonNull(stage, "stage"));
            return this;
        }

        /**
         * Adds an endpoint.
         *
         * @param method the method, in upper case
         * @param path below {@code /v2}, for example {@code /apps/{app_id}/usage}; a request is for the path that has more of it literally
         * @param endpoint answers
         * @return this
         */
        public Builder endpoint(String method, String path, ApiEndpoint endpoint) {
            Objects.requireNonNull(endpoint, "endpoint");
            if (!method.matches("GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS")) {
                throw new IllegalArgumentException(
                        "method: " + method + " (expected: GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS)");
            }
            if (!path.startsWith("/")) {
                throw new IllegalArgumentException("path: " + path + " (expected: one that begins with a slash)");
            }
            added.add(method, "/v2" + path, endpoint);
            return this;
        }

        /**
         * Lets an extension add what it has.
         *
         * @param extension the extension
         * @return this
         */
        public Builder extension(ApiExtension extension) {
            try {
                extension.setUp(this);
            } catch (RuntimeException e) {
                throw new IllegalArgumentException(
                        "extension: " + extension.name() + " failed to set up (expected: no failure)", e);
            }
            return this;
        }

        /**
         * Lets anybody who reaches the API stop the server: {@code GET /shutdown}, as Fn has it. Browsers are refused. Not there by default.
         *
         * @param shutdown begins to stop the server and returns at once
         * @return this
         */
        public Builder shutdown(Runnable shutdown) {
            this.shutdown = Objects.requireNonNull(shutdown, "shutdown");
            return this;
        }

        /**
         * What {@code /version} answers.
         *
         * @param version the version; that of this library by default
         * @return this
         */
        public Builder version(String version) {
            this.version = Objects.requireNonNull(version, "version");
            return this;
        }

        /**
         * Tells the time.
         *
         * @param clock the time of day; that of the system by default
         * @param nanoTime the time for durations; {@link System#nanoTime} by default
         * @return this
         */
        public Builder time(Clock clock, LongSupplier nanoTime) {
            this.clock = Objects.requireNonNull(clock, "clock");
            this.nanoTime = Objects.requireNonNull(nanoTime, "nanoTime");
            return this;
        }

        /**
         * Makes the API.
         *
         * @return the API
         */
        public FunctionsApi build() {
            FunctionStore listened = ListenedStore.of(store, listeners);
            ApiRoutes all = routes(listened);
            ApiRouter router = new ApiRouter(prefix, all, listened);
            return new FunctionsApi(stack(router).make(router), all);
        }

        private ApiRoutes routes(FunctionStore listened) {
            JsonBodies bodies = new JsonBodies(maxBodyBytes);
            CallUrls urls = new CallUrls(publicBase(), prefix);
            ApiRoutes.Builder all = added.copy();
            new RootResource(version, shutdown).addTo(all);
            new AppResource(listened, bodies).addTo(all);
            new FnResource(listened, bodies, urls).addTo(all);
            new TriggerResource(listened, bodies, urls).addTo(all);
            if (calls == null) {
                CallResource.addGoneTo(all);
            } else {
                new CallResource(listened, calls, clock).addTo(all);
            }
            OpenApiDocument document = new OpenApiDocument(version, prefix.isEmpty() ? "/" : prefix);
            added.build().forEach(document::describe);
            all.add("GET", OpenApiDocument.PATH, document.endpoint());
            return all.build();
        }

        private Stack<ApiRouter, HttpExchange, HttpReply> stack(ApiRouter router) {
            Stack<ApiRouter, HttpExchange, HttpReply> stack = Stack.of(this::branches);
            for (int i = middleware.size(); i > 0; i--) {
                stack = stack.push(
                        Role.of("middleware-" + i), "in the order in which it was added", middleware.get(i - 1));
            }
            return stack.push(
                            Role.of("limits"),
                            "above all that may read a body",
                            RequestLimits.create().withBody(maxBodyBytes))
                    .push(Role.of("errors"), "above all that may fail", ErrorRim.INSTANCE)
                    .push(
                            Role.of("caches"),
                            "above what makes replies of failures, as some would be kept",
                            NotCached.INSTANCE)
                    .push(
                            Role.of("observer"),
                            "above what makes replies of failures, to see their status",
                            new Observed(observer, nanoTime, router::template))
                    .push(
                            Role.of("origins"),
                            "above all, as every reply to a page must say whom it is for",
                            new OriginRule(Set.copyOf(allowedOrigins), publicOrigin()));
        }

        /** Middleware for /v2 stands before the paths under it alone, also those that there are not. */
        private Service<HttpExchange, HttpReply> branches(ApiRouter router) {
            Service<HttpExchange, HttpReply> plain = ErrorRim.INSTANCE.wrap(router); // middleware sees replies
            Service<HttpExchange, HttpReply> versioned = plain;
            for (int i = versionedMiddleware.size(); i > 0; i--) {
                versioned = versionedMiddleware.get(i - 1).wrap(versioned);
            }
            Service<HttpExchange, HttpReply> guarded = versioned;
            return exchange -> router.isVersioned(exchange.head()) ? guarded.call(exchange) : plain.call(exchange);
        }

        private @Nullable String publicBase() {
            return publicUrl == null ? null : publicUrl.toString().replaceAll("/+$", "");
        }

        private @Nullable String publicOrigin() {
            if (publicUrl == null) {
                return null;
            }
            String port = publicUrl.getPort() < 0 ? "" : ":" + publicUrl.getPort();
            return (publicUrl.getScheme() + "://" + publicUrl.getHost() + port).toLowerCase(Locale.ROOT);
        }
    }
}
