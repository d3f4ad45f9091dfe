package io.headgate.samples;

import io.headgate.Service;
import io.headgate.gateway.DrainProgress;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.GatewaySpec;
import io.headgate.gateway.Listener;
import io.headgate.gateway.ListenerSpec;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import reactor.core.Exceptions;

/**
 * A gateway with its open port.
 *
 * @param gateway the gateway
 * @param listener the port
 */
record Running(Gateway gateway, Listener listener) implements AutoCloseable {

    /** Opens a port for the service that is made of the gateway; holds nothing when that fails. */
    static Running start(
            GatewaySpec spec, ListenAddress address, Function<Gateway, Service<HttpExchange, HttpReply>> service) {
        return start(spec, address.spec(), service);
    }

    /** The same for a port that is more than an address. */
    static Running start(
            GatewaySpec spec, ListenerSpec address, Function<Gateway, Service<HttpExchange, HttpReply>> service) {
        Gateway gateway = UserMistake.ifRefused(() -> Gateway.create(spec));
        try {
            return new Running(gateway, listen(gateway, address, UserMistake.ifRefused(() -> service.apply(gateway))));
        } catch (RuntimeException e) {
            gateway.closeAsync().block();
            throw e;
        }
    }

    private static Listener listen(Gateway gateway, ListenerSpec listening, Service<HttpExchange, HttpReply> service) {
        try {
            return Objects.requireNonNull(gateway.listen(listening, service).block());
        } catch (RuntimeException e) {
            Throwable cause = Exceptions.unwrap(e);
            ListenAddress address = new ListenAddress(listening.host(), listening.port());
            if (cause instanceof UnresolvedAddressException) {
                throw new UserMistake("listen: " + address + " (expected: a host that resolves)", cause);
            }
            if (cause instanceof IOException) {
                throw new UserMistake("listen: " + address + ": " + cause.getMessage(), cause);
            }
            throw e;
        }
    }

    String url() {
        return ListenAddress.url(listener.tls() == null ? "http" : "https", listener.address());
    }

    /**
     * Stays until the first signal, then drains and tells how far that is; a second signal cuts it short.
     *
     * @return the exit code: 0 when every exchange ended by itself, 1 when some were cut
     */
    int awaitStop(StopSignals signals, PrintWriter out, Duration grace) throws InterruptedException {
        signals.await();
        return drain(signals, out, grace);
    }

    /** Drains now, otherwise the same. */
    int drain(StopSignals signals, PrintWriter out, Duration grace) {
        Thread second = new Thread(() -> cutWith(signals), "second signal");
        second.setDaemon(true);
        second.start();
        long cut = 0;
        for (DrainProgress left : gateway.drain(grace).toIterable()) {
            out.println("draining, " + left.connections() + " connections and " + left.exchanges() + " exchanges left");
            cut = left.cut();
        }
        out.println(cut == 0 ? "drained" : "closed, " + cut + " exchanges cut");
        return cut == 0 ? 0 : 1;
    }

    private void cutWith(StopSignals signals) {
        try {
            signals.await();
            close();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        gateway.closeAsync().block();
    }
}
