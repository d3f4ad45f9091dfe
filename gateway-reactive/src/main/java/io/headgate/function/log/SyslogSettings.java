package io.headgate.function.log;

import io.headgate.retry.Backoff;
import io.headgate.tls.ClientTls;
import java.time.Clock;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import reactor.netty.resources.LoopResources;

/**
 * How lines are shipped to syslog servers. Immutable; each {@code with} method returns a copy.
 *
 * @param queueBytes what may wait for one server, 64 KiB to 1 GiB; lines beyond it are dropped and counted. {@link #DEFAULT_QUEUE_BYTES}
 * @param connectTimeout for the connection and TLS together; {@link #DEFAULT_CONNECT_TIMEOUT}
 * @param backoff between attempts that fail; {@link #DEFAULT_BACKOFF}
 * @param grace how long the end of a shipper may take to ship what waits; {@link #DEFAULT_GRACE}
 * @param tls how {@code tcp+tls} is protected; {@link ClientTls#DEFAULTS}
 * @param hostName the machine as the server is to know it, or null for what the system says
 * @param clock tells the time of lines
 * @param loops the event loops, which stay the caller's; null for those that all of Reactor Netty share
 */
public record SyslogSettings(
        int queueBytes,
        Duration connectTimeout,
        Backoff backoff,
        Duration grace,
        ClientTls tls,
        @Nullable String hostName,
        Clock clock,
        @Nullable LoopResources loops) {

    /** 1 MiB: about eight thousand lines, what a server misses while it is started again. */
    public static final int DEFAULT_QUEUE_BYTES = 1024 * 1024;

    /** 5 seconds: a lost SYN is sent again after one, and after three. */
    public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(5);

    /** From 100 ms, twice as long each time up to half a minute, each up to a half shorter by chance. */
    public static final Backoff DEFAULT_BACKOFF = Backoff.exponential(Duration.ofMillis(100), Duration.ofSeconds(30));

    /** 2 seconds: a server that is there takes a full queue in less. */
    public static final Duration DEFAULT_GRACE = Duration.ofSeconds(2);

    /** The defaults. */
    public static final SyslogSettings DEFAULTS = new SyslogSettings(
            DEFAULT_QUEUE_BYTES,
            DEFAULT_CONNECT_TIMEOUT,
            DEFAULT_BACKOFF,
            DEFAULT_GRACE,
            ClientTls.DEFAULTS,
            null,
            Clock.systemUTC(),
            null);

    /** Checks the parts. */
    public SyslogSettings {
        Objects.requireNonNull(backoff, "backoff");
        Objects.requireNonNull(tls, "tls");
        Objects.requireNonNull(clock, "clock");
        if (queueBytes < 64 * 1024 || queueBytes > 1024 * 1024 * 1024) {
            throw new IllegalArgumentException("queueBytes: " + queueBytes + " (expected: 65536..1073741824)");
        }
        if (connectTimeout.compareTo(Duration.ofMillis(1)) < 0 || connectTimeout.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException(
                    "connectTimeout: " + connectTimeout + " (expected: 1 millisecond to 1 day)");
        }
        if (grace.isNegative() || grace.compareTo(Duration.ofDays(1)) > 0) {
            throw new IllegalArgumentException("grace: " + grace + " (expected: 0 to 1 day)");
        }
        if (hostName != null && !hostName.matches("[!-~]{1,255}")) {
            throw new IllegalArgumentException(
                    "hostName: " + hostName + " (expected: 1 to 255 printable characters of ASCII)");
        }
    }

    /**
     * A copy with more or less room for lines that wait.
     *
     * @param changed 64 KiB to 1 GiB
     * @return the copy
     */
    public SyslogSettings withQueueBytes(int changed) {
        return new SyslogSettings(changed, connectTimeout, backoff, grace, tls, hostName, clock, loops);
    }

    /**
     * A copy with another time to connect.
     *
     * @param changed 1 millisecond to 1 day
     * @return the copy
     */
    public SyslogSettings withConnectTimeout(Duration changed) {
        return new SyslogSettings(queueBytes, changed, backoff, grace, tls, hostName, clock, loops);
    }

    /**
     * A copy with another wait between attempts.
     *
     * @param changed the wait
     * @return the copy
     */
    public SyslogSettings withBackoff(Backoff changed) {
        return new SyslogSettings(queueBytes, connectTimeout, changed, grace, tls, hostName, clock, loops);
    }

    /**
     * A copy with another time to ship what waits at the end.
     *
     * @param changed 0 to 1 day
     * @return the copy
     */
    public SyslogSettings withGrace(Duration changed) {
        return new SyslogSettings(queueBytes, connectTimeout, backoff, changed, tls, hostName, clock, loops);
    }

    /**
     * A copy with other trust, or with a certificate.
     *
     * @param changed how {@code tcp+tls} is protected
     * @return the copy
     */
    public SyslogSettings withTls(ClientTls changed) {
        return new SyslogSettings(queueBytes, connectTimeout, backoff, grace, changed, hostName, clock, loops);
    }

    /**
     * A copy with another name of this machine.
     *
     * @param changed 1 to 255 printable characters of ASCII
     * @return the copy
     */
    public SyslogSettings withHostName(String changed) {
        return new SyslogSettings(
                queueBytes, connectTimeout, backoff, grace, tls, Objects.requireNonNull(changed), clock, loops);
    }

    /**
     * A copy with another clock.
     *
     * @param changed tells the time of lines
     * @return the copy
     */
    public SyslogSettings withClock(Clock changed) {
        return new SyslogSettings(queueBytes, connectTimeout, backoff, grace, tls, hostName, changed, loops);
    }

    /**
     * A copy on event loops of the caller's.
     *
     * @param changed the event loops; whoever made them disposes them, after the logs have been closed
     * @return the copy
     */
    public SyslogSettings withLoops(LoopResources changed) {
        return new SyslogSettings(
                queueBytes, connectTimeout, backoff, grace, tls, hostName, clock, Objects.requireNonNull(changed));
    }
}
