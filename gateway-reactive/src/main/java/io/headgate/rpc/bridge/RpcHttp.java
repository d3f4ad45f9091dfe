package io.headgate.rpc.bridge;

import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import java.util.Objects;
import java.util.function.Function;

/**
 * Makes services of HTTP out of services of calls, and the reverse.
 *
 * <pre>{@code
 * RpcHttp bridge = RpcHttp.create();
 *
 * // endpoints behind a gateway: curl -d '{"path":"/"}' -H 'content-type: application/json' http://host/Files/list
 * Service<HttpExchange, HttpReply> behind = bridge.toHttp(endpoints);
 *
 * // a service of HTTP, here or elsewhere, that is called like an endpoint
 * Service<RpcRequest, RpcReply> calls = bridge.toRpc(upstream);
 *
 * // stages for HTTP around calls, which stay what they are
 * Service<RpcRequest, RpcReply> guarded = bridge.stage(breaker.andThen(retry)).wrap(connection);
 * Service<RpcRequest, RpcReply> balanced = bridge.through(Balancer.create(updates, pool, settings));
 * }</pre>
 *
 * <p><b>In HTTP</b> a call is a POST to the name of its endpoint, with one element of JSON or protobuf, or a stream of them, or octets;
 * docs/rpc-bridge.md has the media types. A call that fails before it has answered is answered by the error responder of the gateway, with
 * {@link io.headgate.rpc.RpcStatus#httpStatus} and the fields {@code rpc-status} and {@code rpc-message}. One that fails later ends with
 * these as trailers when the request had {@code te: trailers}, and otherwise its body fails, which resets the stream or closes the
 * connection.
 *
 * <p><b>Stages</b> see a call as an exchange whose body has one buffer for each element, and a failed call as a failed {@code Mono}, with
 * the status and the traits of the {@link io.headgate.rpc.RpcException}: a retry sees what was not processed, a breaker what failed. What
 * stages fail with is an {@code RpcException} above them. What a stage does to header fields it does to metadata.
 *
 * <p><b>Deadlines</b> are those of the exchange and of the call; they pass both ways.
 *
 * <p><b>Cancellation</b> passes both ways, before and after the head of a reply.
 *
 * <p><b>Ownership.</b> Takes the body of the request once subscribed, and passes that of the reply. Elements within a chunk are slices of
 * it.
 *
 * <p><b>Threading.</b> Any; nothing is moved to another thread. Immutable.
 */
public final class RpcHttp {

    private final RpcHttpSettings settings;
    private final EndpointPath path;

    private RpcHttp(RpcHttpSettings settings) {
        this.settings = Objects.requireNonNull(settings, "settings");
        this.path = new EndpointPath(settings.prefix());
    }

    /**
     * A bridge with {@link RpcHttpSettings#DEFAULTS}.
     *
     * @return the bridge
     */
    public static RpcHttp create() {
        return of(RpcHttpSettings.DEFAULTS);
    }

    /**
     * A bridge.
     *
     * @param settings how calls look in HTTP
     * @return the bridge
     */
    public static RpcHttp of(RpcHttpSettings settings) {
        return new RpcHttp(settings);
    }

    /**
     * Calls behind HTTP: for clients of HTTP, and as the lowest service of what {@link #stage} and {@link #through} put around calls.
     *
     * @param rpc answers the calls: endpoints, a connection to others
     * @return a service that answers requests; its status and its closing are those of {@code rpc}
     */
    public Service<HttpExchange, HttpReply> toHttp(Service<RpcRequest, RpcReply> rpc) {
        return new ToHttp(settings, path, Objects.requireNonNull(rpc, "rpc"));
    }

    /**
     * A service of HTTP behind calls: requests are such as any server of HTTP takes.
     *
     * @param http answers the requests: an upstream, a gateway, a stack
     * @return a service that answers calls; its status and its closing are those of {@code http}
     */
    public Service<RpcRequest, RpcReply> toRpc(Service<HttpExchange, HttpReply> http) {
        return through(outward(http));
    }

    /**
     * Calls through services of HTTP in this process, which keep elements what they are. Below them there must be what {@link #toHttp}
     * or {@link #outward} has made: others answer what fails the call with INTERNAL.
     *
     * @param http what calls pass through, such as a balancer
     * @return a service that answers calls; its status and its closing are those of {@code http}
     */
    public Service<RpcRequest, RpcReply> through(Service<HttpExchange, HttpReply> http) {
        return new ToRpc(settings, path, Objects.requireNonNull(http, "http"));
    }

    /**
     * Puts calls that came {@link #through} stages into HTTP that can be sent; for stages around an upstream of HTTP that see elements.
     *
     * @param http answers the requests
     * @return a service for {@link #through}
     */
    public Service<HttpExchange, HttpReply> outward(Service<HttpExchange, HttpReply> http) {
        return new Outward(settings, path, Objects.requireNonNull(http, "http"));
    }

    /**
     * A stage for calls out of one for HTTP.
     *
     * @param stage a {@link Stage}, or several that were put together by {@link Function#andThen}
     * @return does the same to calls; identity stays identity
     */
    public Stage<RpcRequest, RpcReply> stage(
            Function<Service<HttpExchange, HttpReply>, ? extends Service<HttpExchange, HttpReply>> stage) {
        Objects.requireNonNull(stage, "stage");
        return next -> {
            Service<HttpExchange, HttpReply> below = toHttp(next);
            Service<HttpExchange, HttpReply> wrapped = stage.apply(below);
            return wrapped == below ? next : through(wrapped);
        };
    }

    @Override
    public String toString() {
        return "rpc-http " + settings.prefix();
    }
}
