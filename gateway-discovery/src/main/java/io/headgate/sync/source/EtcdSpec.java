package io.headgate.sync.source;

import io.headgate.tls.ClientTls;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Which keys of which etcd are followed, and how. Immutable; each {@code with} method returns a copy.
 *
 * @param endpoints members of one cluster, {@code http://host:port} or {@code https://host:port}; the first is asked until it fails, then the
 *     next
 * @param prefix how the keys begin; empty for all there are
 * @param keepsPrefix whether keys are told as etcd has them, or else without the prefix
 * @param login as whom etcd is asked, or null when it asks nobody for a name
 * @param tls how connections to {@code https} endpoints are protected
 * @param pageSize how many keys are read at once; 1 or more. It is halved for as long as answers are too long
 * @param maxMessageBytes the longest answer that is accepted; 1 or more
 * @param timeout for a connection, and for each answer; 1 ms or more
 * @param progressInterval how often etcd is asked whether it is there when nothing changes; 100 ms or more. It is taken to be away after three
 *     of them without a word
 * @param firstBackoff the wait before the first attempt after a loss; above zero
 * @param longestBackoff the longest wait between two attempts; not below the first
 */
public record EtcdSpec(
        List<URI> endpoints,
        String prefix,
        boolean keepsPrefix,
        @Nullable Login login,
        ClientTls tls,
        int pageSize,
        int maxMessageBytes,
        Duration timeout,
        Duration progressInterval,
        Duration firstBackoff,
        Duration longestBackoff) {

    /** 1000 entries, as in the snapshots that are made of them. */
    public static final int DEFAULT_PAGE_SIZE = 1_000;

    /** 64 MiB: forty entries of the largest size that etcd accepts. */
    public static final int DEFAULT_MAX_MESSAGE_BYTES = 64 * 1024 * 1024;

    /** 5 seconds: an election takes one or two. */
    public static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(5);

    /** 10 seconds, as between the pings of a sync server. */
    public static final Duration DEFAULT_PROGRESS_INTERVAL = Duration.ofSeconds(10);

    /** 100 ms: a watch that is cut is opened again at once, but not by everybody in the same moment. */
    public static final Duration DEFAULT_FIRST_BACKOFF = Duration.ofMillis(100);

    /** 5 seconds: what is told is that much out of date after an outage, at most. */
    public static final Duration DEFAULT_LONGEST_BACKOFF = Duration.ofSeconds(5);

    /**
     * A name and its password.
     *
     * @param user the name
     * @param password is not shown
     */
    public record Login(String user, String password) {

        /** Checks that both are there. */
        public Login {
            Objects.requireNonNull(user, "user");
            Objects.requireNonNull(password, "password");
        }

        @Override
        public String toString() {
            return "Login[user=" + user + "]";
        }
    }

    /** Checks the parts. */
    public EtcdSpec {
        endpoints = List.copyOf(endpoints);
        Objects.requireNonNull(prefix, "prefix");
        Objects.requireNonNull(tls, "tls");
        if (endpoints.isEmpty()) {
            throw new IllegalArgumentException("endpoints: none (expected: one or more)");
        }
        endpoints.forEach(EtcdSpec::check);
        if (!tls.checksHostName()) {
            throw new IllegalArgumentException(
                    "tls: checks no host name (expected: the name in the certificate, as serverName)");
        }
        if (pageSize < 1) {
            throw new IllegalArgumentException("pageSize: " + pageSize + " (expected: 1 or more)");
        }
        if (maxMessageBytes < 1) {
            throw new IllegalArgumentException("maxMessageBytes: " + maxMessageBytes + " (expected: 1 or more)");
        }
        if (timeout.compareTo(Duration.ofMillis(1)) < 0) {
            throw new IllegalArgumentException("timeout: " + timeout + " (expected: 1 ms or more)");
        }
        if (progressInterval.compareTo(Duration.ofMillis(100)) < 0) {
            throw new IllegalArgumentException("progressInterval: " + progressInterval + " (expected: 100 ms or more)");
        }
        if (firstBackoff.isNegative() || firstBackoff.isZero() || longestBackoff.compareTo(firstBackoff) < 0) {
            throw new IllegalArgumentException(
                    "backoff: " + firstBackoff + " to " + longestBackoff + " (expected: above zero, not falling)");
        }
    }

    private static void check(URI endpoint) {
        if (endpoint.getUserInfo() != null) {
            throw new IllegalArgumentException("endpoint: one with a user in it (expected: none, but a login)");
        }
        boolean known = "http".equals(endpoint.getScheme()) || "https".equals(endpoint.getScheme());
        if (!known || endpoint.getHost() == null || endpoint.getPort() < 1 || endpoint.getPort() > 65535) {
            throw new IllegalArgumentException(
                    "endpoint: " + endpoint + " (expected: http://host:port or https://host:port)");
        }
    }

    /**
     * All keys of a cluster, told as etcd has them, with the defaults.
     *
     * @param endpoints {@code http://host:port} or {@code https://host:port}, one or more
     * @return the spec
     */
    public static EtcdSpec of(String... endpoints) {
        return new EtcdSpec(
                Arrays.stream(endpoints).map(URI::create).toList(),
                "",
                true,
                null,
                ClientTls.DEFAULTS,
                DEFAULT_PAGE_SIZE,
                DEFAULT_MAX_MESSAGE_BYTES,
                DEFAULT_TIMEOUT,
                DEFAULT_PROGRESS_INTERVAL,
                DEFAULT_FIRST_BACKOFF,
                DEFAULT_LONGEST_BACKOFF);
    }

    /**
     * A copy that follows only keys that begin with something, and tells them as etcd has them.
     *
     * @param changed how they begin, as text: {@code /a} takes {@code /ab} in, {@code /a/} does not
     * @return the copy
     */
    public EtcdSpec withPrefix(String changed) {
        return with(draft -> {
            draft.prefix = changed;
            draft.keepsPrefix = true;
        });
    }

    /**
     * A copy that follows only keys that begin with something, and tells them without it.
     *
     * @param changed how they begin, as text
     * @return the copy
     */
    public EtcdSpec withPrefixCutOff(String changed) {
        return with(draft -> {
            draft.prefix = changed;
            draft.keepsPrefix = false;
        });
    }

    /**
     * A copy that logs in. What is sent can be read on the way unless the endpoints are {@code https}.
     *
     * @param user the name
     * @param password the password
     * @return the copy
     */
    public EtcdSpec withLogin(String user, String password) {
        return with(draft -> draft.login = new Login(user, password));
    }

    /**
     * A copy with other TLS.
     *
     * @param changed whom to trust, and what is shown; host names have to be checked
     * @return the copy
     */
    public EtcdSpec withTls(ClientTls changed) {
        return with(draft -> draft.tls = changed);
    }

    /**
     * A copy that reads in larger or smaller pages.
     *
     * @param changed how many keys at once; 1 or more
     * @return the copy
     */
    public EtcdSpec withPageSize(int changed) {
        return with(draft -> draft.pageSize = changed);
    }

    /**
     * A copy that accepts longer answers, or shorter ones.
     *
     * @param changed the most bytes; 1 or more
     * @return the copy
     */
    public EtcdSpec withMaxMessageBytes(int changed) {
        return with(draft -> draft.maxMessageBytes = changed);
    }

    /**
     * A copy with other limits of time.
     *
     * @param answer for a connection and for each answer; 1 ms or more
     * @param progress how often etcd is asked whether it is there; 100 ms or more
     * @return the copy
     */
    public EtcdSpec withTimes(Duration answer, Duration progress) {
        return with(draft -> {
            draft.timeout = answer;
            draft.progressInterval = progress;
        });
    }

    /**
     * A copy that waits otherwise between attempts.
     *
     * @param first before the first attempt after a loss; above zero
     * @param longest the longest wait; not below the first
     * @return the copy
     */
    public EtcdSpec withBackoff(Duration first, Duration longest) {
        return with(draft -> {
            draft.firstBackoff = first;
            draft.longestBackoff = longest;
        });
    }

    private EtcdSpec with(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.done();
    }

    /** The parts of a copy that is being made. */
    private static final class Draft {
        private List<URI> endpoints;
        private String prefix;
        private boolean keepsPrefix;
        private @Nullable Login login;
        private ClientTls tls;
        private int pageSize;
        private int maxMessageBytes;
        private Duration timeout;
        private Duration progressInterval;
        private Duration firstBackoff;
        private Duration longestBackoff;

        Draft(EtcdSpec from) {
            endpoints = from.endpoints;
            prefix = from.prefix;
            keepsPrefix = from.keepsPrefix;
            login = from.login;
            tls = from.tls;
            pageSize = from.pageSize;
            maxMessageBytes = from.maxMessageBytes;
            timeout = from.timeout;
            progressInterval = from.progressInterval;
            firstBackoff = from.firstBackoff;
            longestBackoff = from.longestBackoff;
        }

        EtcdSpec done() {
            return new EtcdSpec(
                    endpoints,
                    prefix,
                    keepsPrefix,
                    login,
                    tls,
                    pageSize,
                    maxMessageBytes,
                    timeout,
                    progressInterval,
                    firstBackoff,
                    longestBackoff);
        }
    }
}
