package io.headgate.gateway;

import io.headgate.http.ExchangeObserver;
import io.headgate.mux.ConnectionObserver;
import io.headgate.mux.ErrorResponder;
import io.headgate.mux.LimitObserver;
import io.headgate.mux.MuxSettings;
import java.util.Objects;

/**
 * How a gateway runs. Immutable; {@link #DEFAULTS} take what the machine has.
 *
 * @param transport what event loops wait with
 * @param eventLoops how many there are; one for each core is right unless stages burn time of their own
 * @param settings timeouts and limits, for listeners and for upstreams that are not given their own
 * @param responder makes replies of failures
 * @param observers decides which exchanges are observed, and by whom
 * @param limitObserver is told when clients and upstreams overstep limits
 * @param connectionObserver is told of connections of clients and to upstreams
 */
public record GatewaySpec(
        Transport transport,
        int eventLoops,
        MuxSettings settings,
        ErrorResponder responder,
        ExchangeObserver.Factory observers,
        LimitObserver limitObserver,
        ConnectionObserver connectionObserver) {

    /** Automatic transport, a loop for each core, default settings, standard errors, no observers. */
    public static final GatewaySpec DEFAULTS = new GatewaySpec(
            Transport.AUTO,
            Runtime.getRuntime().availableProcessors(),
            MuxSettings.DEFAULTS,
            ErrorResponder.standard(),
            ExchangeObserver.Factory.NONE,
            LimitObserver.NONE,
            ConnectionObserver.NONE);

    /** Checks the parts. */
    public GatewaySpec {
        Objects.requireNonNull(transport, "transport");
        Objects.requireNonNull(settings, "settings");
        Objects.requireNonNull(responder, "responder");
        Objects.requireNonNull(observers, "observers");
        Objects.requireNonNull(limitObserver, "limitObserver");
        Objects.requireNonNull(connectionObserver, "connectionObserver");
        if (eventLoops < 1 || eventLoops > 1024) {
            throw new IllegalArgumentException("eventLoops: " + eventLoops + " (expected: 1..1024)");
        }
    }

    /**
     * A copy with another transport.
     *
     * @param changed the transport
     * @return the copy
     */
    public GatewaySpec withTransport(Transport changed) {
        return new GatewaySpec(changed, eventLoops, settings, responder, observers, limitObserver, connectionObserver);
    }

    /**
     * A copy with another number of event loops.
     *
     * @param changed 1 to 1024
     * @return the copy
     */
    public GatewaySpec withEventLoops(int changed) {
        return new GatewaySpec(transport, changed, settings, responder, observers, limitObserver, connectionObserver);
    }

    /**
     * A copy with other timeouts and limits.
     *
     * @param changed the settings
     * @return the copy
     */
    public GatewaySpec withSettings(MuxSettings changed) {
        return new GatewaySpec(transport, eventLoops, changed, responder, observers, limitObserver, connectionObserver);
    }

    /**
     * A copy with another responder.
     *
     * @param changed the responder
     * @return the copy
     */
    public GatewaySpec withResponder(ErrorResponder changed) {
        return new GatewaySpec(transport, eventLoops, settings, changed, observers, limitObserver, connectionObserver);
    }

    /**
     * A copy whose exchanges are observed.
     *
     * @param changed decides who observes what
     * @return the copy
     */
    public GatewaySpec withObservers(ExchangeObserver.Factory changed) {
        return new GatewaySpec(transport, eventLoops, settings, responder, changed, limitObserver, connectionObserver);
    }

    /**
     * A copy whose overstepped limits are observed.
     *
     * @param changed is told of them
     * @return the copy
     */
    public GatewaySpec withLimitObserver(LimitObserver changed) {
        return new GatewaySpec(transport, eventLoops, settings, responder, observers, changed, connectionObserver);
    }

    /**
     * A copy whose connections are observed.
     *
     * @param changed is told of them
     * @return the copy
     */
    public GatewaySpec withConnectionObserver(ConnectionObserver changed) {
        return new GatewaySpec(transport, eventLoops, settings, responder, observers, limitObserver, changed);
    }
}
