package io.headgate.rpc;

import io.headgate.Service;
import java.util.Objects;
import reactor.core.publisher.Mono;

/**
 * What a connection is made with, whatever its wire. Immutable.
 *
 * @param settings times and limits
 * @param handler answers the calls of the other side
 * @param observer sees what happens
 */
public record RpcSpec(RpcSettings settings, Service<RpcRequest, RpcReply> handler, RpcObserver observer) {

    private static final Service<RpcRequest, RpcReply> NOTHING = request -> {
        request.body().discard();
        return Mono.error(RpcException.of(
                RpcStatus.UNIMPLEMENTED,
                "endpoint: " + request.endpoint() + " (expected: none, this side only calls)"));
    };

    /** Default settings, nothing to call, nobody who looks. */
    public static final RpcSpec DEFAULTS = new RpcSpec(RpcSettings.DEFAULTS, NOTHING, RpcObserver.NONE);

    /** Checks that nothing is missing. */
    public RpcSpec {
        Objects.requireNonNull(settings, "settings");
        Objects.requireNonNull(handler, "handler");
        Objects.requireNonNull(observer, "observer");
    }

    /**
     * A copy with other settings.
     *
     * @param changed times and limits
     * @return the copy
     */
    public RpcSpec withSettings(RpcSettings changed) {
        return new RpcSpec(changed, handler, observer);
    }

    /**
     * A copy with another handler.
     *
     * @param changed answers the calls of the other side
     * @return the copy
     */
    public RpcSpec withHandler(Service<RpcRequest, RpcReply> changed) {
        return new RpcSpec(settings, changed, observer);
    }

    /**
     * A copy with another observer.
     *
     * @param changed sees what happens
     * @return the copy
     */
    public RpcSpec withObserver(RpcObserver changed) {
        return new RpcSpec(settings, handler, changed);
    }
}
