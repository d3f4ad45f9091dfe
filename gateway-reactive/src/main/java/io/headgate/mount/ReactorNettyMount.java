package io.headgate.mount;

import io.headgate.Service;
import io.headgate.http.ExchangeObserver;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.mux.ErrorResponder;
import io.headgate.mux.MuxSettings;
import io.headgate.mux.internal.FrontContext;
import io.headgate.mux.internal.Fronts;
import io.headgate.mux.internal.Loop;
import io.netty.channel.EventLoop;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/**
 * Runs a Headgate service inside a Reactor Netty {@code HttpServer} that is already there:
 *
 * <pre>{@code
 * Gateway gateway = Gateway.create();
 * Service<HttpExchange, HttpReply> orders = gateway.upstream("http://127.0.0.1:9000");
 * HttpServer.create()
 *         .route(routes -> routes
 *                 .get("/health", (request, response) -> response.sendString(Mono.just("ok")))
 *                 .route(request -> true, ReactorNettyMount.of(orders)))
 *         .bindNow();
 * }</pre>
 *
 * <p>Heads are checked by the rules of the mux, failures go to the {@link ErrorResponder}, and every exchange has one
 * outcome, as behind a listener of a gateway. What that server decides itself - connections, protocols, TLS, limits of heads,
 * idle timeouts - stays with it; {@code docs/mount.md} lists what differs. Use a listener where speed matters.
 *
 * <p><b>Threading.</b> Exchanges are called on the event loop of their connection, and their bodies come on it. Any thread may
 * call {@code with...}.
 *
 * <p><b>Cancellation.</b> A client that goes away, or a cancel of the publisher that was returned, cancels the service once.
 *
 * <p><b>Ownership.</b> As of {@link HttpExchange} and {@link HttpReply}: buffers of requests are passed to the service, those
 * of replies are taken from it.
 */
public final class ReactorNettyMount implements BiFunction<HttpServerRequest, HttpServerResponse, Publisher<Void>> {

    private final Service<HttpExchange, HttpReply> service;
    private final MuxSettings settings;
    private final ErrorResponder responder;
    private final ExchangeObserver.Factory observers;
    private final Map<EventLoop, FrontContext> contexts = new ConcurrentHashMap<>();

    private ReactorNettyMount(
            Service<HttpExchange, HttpReply> service,
            MuxSettings settings,
            ErrorResponder responder,
            ExchangeObserver.Factory observers) {
        this.service = Objects.requireNonNull(service, "service");
        this.settings = Objects.requireNonNull(settings, "settings");
        this.responder = Objects.requireNonNull(responder, "responder");
        this.observers = Objects.requireNonNull(observers, "observers");
    }

    /**
     * A mount with default settings, the standard error responder and no observers.
     *
     * @param service answers the exchanges
     * @return a handler for {@code HttpServer.handle} and {@code HttpServerRoutes}
     */
    public static ReactorNettyMount of(Service<HttpExchange, HttpReply> service) {
        return new ReactorNettyMount(
                service, MuxSettings.DEFAULTS, ErrorResponder.standard(), ExchangeObserver.Factory.NONE);
    }

    /**
     * A copy with other settings. Those that concern an exchange are used: {@code maxFields}, {@code paths},
     * {@code dropUnderscores}, {@code bodyBuffer}, {@code requestBody}, {@code progress}, {@code minProgress},
     * {@code streamIdle} and {@code tick}; the rest is the server's.
     *
     * @param changed the settings
     * @return the copy
     */
    public ReactorNettyMount withSettings(MuxSettings changed) {
        return new ReactorNettyMount(service, changed, responder, observers);
    }

    /**
     * A copy with another error responder.
     *
     * @param changed makes replies of failures
     * @return the copy
     */
    public ReactorNettyMount withResponder(ErrorResponder changed) {
        return new ReactorNettyMount(service, settings, changed, observers);
    }

    /**
     * A copy with other observers.
     *
     * @param changed decides which exchanges are observed
     * @return the copy
     */
    public ReactorNettyMount withObservers(ExchangeObserver.Factory changed) {
        return new ReactorNettyMount(service, settings, responder, changed);
    }

    /**
     * Handles one request; called by the server.
     *
     * @param request the request
     * @param response the reply; nothing must have been sent on it
     * @return completes when the reply is whole, and is to be subscribed once
     */
    @Override
    public Publisher<Void> apply(HttpServerRequest request, HttpServerResponse response) {
        AtomicReference<Connection> owner = new AtomicReference<>();
        request.withConnection(owner::set);
        Connection connection = Objects.requireNonNull(owner.get(), "connection");
        FrontContext context = contexts.computeIfAbsent(connection.channel().eventLoop(), this::context);
        return Mono.create(done -> context.loop().run(() -> {
            if (response.hasSentHeaders()) {
                done.error(new IllegalStateException("response: begun (expected: one that nothing was sent on)"));
            } else {
                new MountedExchange(context, request, response, connection, done).start();
            }
        }));
    }

    private FrontContext context(EventLoop executor) {
        Loop loop = new Loop(0, executor, settings.tick());
        MuxSettings used = settings.toBuilder().connectMethod(false).build(); // the server has no tunnels for us
        return new FrontContext(loop, new Fronts(loop, used.linger()), service, responder, observers, used);
    }

    @Override
    public String toString() {
        return "mount of " + service;
    }
}
