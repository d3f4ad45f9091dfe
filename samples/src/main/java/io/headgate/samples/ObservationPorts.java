package io.headgate.samples;

import io.headgate.admin.Admin;
import io.headgate.admin.AdminServer;
import io.headgate.admin.AdminSpec;
import io.headgate.tap.TapHeaders;
import io.headgate.tap.TapSource;
import io.headgate.tap.linkerd.TapServer;
import io.headgate.tap.linkerd.TapServerSettings;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * The ports that show a gateway.
 *
 * @param tap serves the live tap, or null
 * @param admin serves the admin pages, or null
 */
record ObservationPorts(@Nullable TapServer tap, @Nullable AdminServer admin) implements AutoCloseable {

    private static final Duration GRACE = Duration.ofSeconds(1);

    /** Opens those that are asked for; holds nothing when that fails. */
    static ObservationPorts open(ObservedSpec spec, @Nullable TapSource source, Admin.Builder pages) {
        TapServer tap = spec.tap() == null || source == null ? null : tap(spec.tap(), source);
        try {
            return new ObservationPorts(tap, spec.admin() == null ? null : admin(spec.admin(), pages));
        } catch (RuntimeException e) {
            new ObservationPorts(tap, null).close();
            throw e;
        }
    }

    private static TapServer tap(ListenAddress address, TapSource source) {
        return opened("--tap", address, () -> {
            TapServerSettings loopback = TapServerSettings.onLoopback(address.port());
            TapServerSettings settings = new TapServerSettings(
                    resolved(address),
                    null,
                    Set.of(),
                    loopback.maxObservations(),
                    TapHeaders.SECRETS,
                    loopback.maxBodyBytes(),
                    loopback.maxQueue());
            return TapServer.open(source, settings);
        });
    }

    private static InetSocketAddress resolved(ListenAddress address) {
        try {
            return new InetSocketAddress(InetAddress.getByName(address.host()), address.port());
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(address + " (expected: a host that resolves)", e);
        }
    }

    private static AdminServer admin(ListenAddress address, Admin.Builder pages) {
        return opened(
                "--admin",
                address,
                () -> AdminServer.start(
                        AdminSpec.DEFAULTS.withHost(address.host()).withPort(address.port()), pages.build()));
    }

    private static <T> T opened(String option, ListenAddress address, Supplier<Mono<T>> server) {
        try {
            return Objects.requireNonNull(server.get().block());
        } catch (RuntimeException e) {
            throw new UserMistake(option + ": " + address + ": " + e.getMessage(), e);
        }
    }

    List<String> lines() {
        List<String> lines = new ArrayList<>();
        if (tap != null) {
            lines.add("tap on " + tapAddress());
        }
        if (admin != null) {
            lines.add("admin on " + adminUrl());
        }
        return lines;
    }

    /** The tap has to be on. */
    String tapAddress() {
        return ListenAddress.url("", Objects.requireNonNull(tap).address()).substring("://".length());
    }

    /** The admin pages have to be on. */
    String adminUrl() {
        return ListenAddress.url("http", Objects.requireNonNull(admin).address());
    }

    @Override
    public void close() {
        if (tap != null) {
            tap.closeAsync(Duration.ZERO).block();
        }
        if (admin != null) {
            admin.closeAsync(GRACE).block();
        }
    }
}
