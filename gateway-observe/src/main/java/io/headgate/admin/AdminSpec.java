package io.headgate.admin;

import io.headgate.admin.internal.Gatekeeper;
import io.netty.util.NetUtil;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Where an admin server listens, and who may use it. Immutable; each {@code with} method returns a copy.
 *
 * @param host a loopback address or {@code localhost}, unless {@link #withPublicAddress} was asked for; names are not looked up
 * @param port 0 to let the system choose
 * @param isPublic whether others than this machine may connect
 * @param hosts what else Host may say, in lower case and without a port; for a public address, none means anything
 * @param authorizer decides which requests are allowed; called for each on a thread that may block
 * @param heartbeat how often a stream says that it is still there, which finds out whether the client is
 * @param patience how long the client of a stream may take nothing at all before it is cut
 * @param maxConnections most connections at once
 * @param maxTaps most taps at once
 */
public record AdminSpec(
        String host,
        int port,
        boolean isPublic,
        Set<String> hosts,
        Predicate<AdminRequest> authorizer,
        Duration heartbeat,
        Duration patience,
        int maxConnections,
        int maxTaps) {

    /** The port of proxies of Linkerd, too. */
    public static final int DEFAULT_PORT = 4191;

    /** 127.0.0.1:4191 for everybody on this machine; heartbeats each 15 s, 60 s of patience, 64 connections, 16 taps. */
    public static final AdminSpec DEFAULTS = new AdminSpec(
            "127.0.0.1",
            DEFAULT_PORT,
            false,
            Set.of(),
            request -> true,
            Duration.ofSeconds(15),
            Duration.ofSeconds(60),
            64,
            16);

    /** Checks the parts. */
    public AdminSpec {
        Objects.requireNonNull(host, "host");
        Objects.requireNonNull(authorizer, "authorizer");
        hosts = Set.copyOf(hosts);
        boolean loopback = host.equals("localhost") || Gatekeeper.isLoopback(host);
        if (!loopback && !NetUtil.isValidIpV4Address(host) && !NetUtil.isValidIpV6Address(host)) {
            throw new IllegalArgumentException("host: " + host + " (expected: an address, or localhost)");
        }
        if (!loopback && !isPublic) {
            throw new IllegalArgumentException(
                    "host: " + host + " (expected: a loopback address, unless withPublicAddress is asked for)");
        }
        check("port", port, 0, 65535);
        check("maxConnections", maxConnections, 1, 65536);
        check("maxTaps", maxTaps, 1, 65536);
        checkTime("heartbeat", heartbeat);
        checkTime("patience", patience);
    }

    private static void check(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + ".." + most + ")");
        }
    }

    private static void checkTime(String name, Duration time) {
        if (time.compareTo(Duration.ofMillis(1)) < 0 || time.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(name + ": " + time + " (expected: 1 ms to a day)");
        }
    }

    /**
     * A copy with another port.
     *
     * @param changed the port, or 0 to let the system choose
     * @return the copy
     */
    public AdminSpec withPort(int changed) {
        return new AdminSpec(host, changed, isPublic, hosts, authorizer, heartbeat, patience, maxConnections, maxTaps);
    }

    /**
     * A copy with another address of this machine.
     *
     * @param changed a loopback address, or {@code localhost}
     * @return the copy
     * @throws IllegalArgumentException when it is no loopback address; the message names it
     */
    public AdminSpec withHost(String changed) {
        return new AdminSpec(changed, port, isPublic, hosts, authorizer, heartbeat, patience, maxConnections, maxTaps);
    }

    /**
     * A copy that others than this machine may connect to. What it shows is the business of nobody else (a tap shows what clients
     * send), and it can be told to drain: so somebody has to decide about each request. There is no TLS; where the network is
     * not to be trusted, bind to loopback and put a listener with TLS in front.
     *
     * @param address an address of this machine, {@code 0.0.0.0} for all
     * @param allowed decides which requests are allowed; {@code AdminRequest::isProbe} allows what a cluster asks and no more
     * @return the copy
     */
    public AdminSpec withPublicAddress(String address, Predicate<AdminRequest> allowed) {
        return new AdminSpec(address, port, true, hosts, allowed, heartbeat, patience, maxConnections, maxTaps);
    }

    /**
     * A copy that allows some requests only; others get 403.
     *
     * @param changed decides which requests are allowed
     * @return the copy
     */
    public AdminSpec withAuthorizer(Predicate<AdminRequest> changed) {
        return new AdminSpec(host, port, isPublic, hosts, changed, heartbeat, patience, maxConnections, maxTaps);
    }

    /**
     * A copy that takes more names in Host, for who comes through a forwarded port. Others than these and those of this machine are refused, so that no web page
     * can get in under a name of its own (DNS rebinding).
     *
     * @param more names, without a port
     * @return the copy
     */
    public AdminSpec withHosts(String... more) {
        Set<String> all = new TreeSet<>(hosts);
        Stream.of(more).map(name -> name.toLowerCase(Locale.ROOT)).forEach(all::add);
        return new AdminSpec(host, port, isPublic, all, authorizer, heartbeat, patience, maxConnections, maxTaps);
    }

    /**
     * A copy with other times for streams.
     *
     * @param beat how often a stream says that it is still there
     * @param most how long its client may take nothing at all
     * @return the copy
     */
    public AdminSpec withStreams(Duration beat, Duration most) {
        return new AdminSpec(host, port, isPublic, hosts, authorizer, beat, most, maxConnections, maxTaps);
    }

    /**
     * A copy with other bounds.
     *
     * @param connections most connections at once
     * @param taps most taps at once
     * @return the copy
     */
    public AdminSpec withBounds(int connections, int taps) {
        return new AdminSpec(host, port, isPublic, hosts, authorizer, heartbeat, patience, connections, taps);
    }
}
