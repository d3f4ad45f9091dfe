package io.headgate.mux;

import java.time.Duration;
import java.util.Objects;

/**
 * Timeouts and limits of the mux. Immutable; {@link #DEFAULTS} suit a public gateway.
 *
 * <p>Timers are coarse: they are looked at once per {@link #tick}, so a timeout may come late by that much and never comes
 * early. What each timeout leads to:
 *
 * <table>
 *   <caption>Timeouts and their outcomes</caption>
 *   <tr><th>timeout</th><th>covers</th><th>HTTP/1.1 client</th><th>HTTP/2 client</th></tr>
 *   <tr><td>requestHead</td><td>accept or first byte to the end of a request head</td><td>408, close</td><td>close</td></tr>
 *   <tr><td>idle</td><td>a connection without exchanges</td><td>close</td><td>GOAWAY, close</td></tr>
 *   <tr><td>connect</td><td>dialling an upstream</td><td>503</td><td>503</td></tr>
 *   <tr><td>response</td><td>request sent or stalled upstream, up to the reply head</td><td>504</td><td>504</td></tr>
 *   <tr><td>requestBody</td><td>a request body that comes too slowly</td><td>408, close</td><td>408</td></tr>
 *   <tr><td>progress</td><td>bytes that wait and hardly move</td><td>408 or close</td><td>408 or RST CANCEL</td></tr>
 *   <tr><td>tunnelIdle</td><td>a tunnel without bytes in both directions</td><td>close</td><td>RST CANCEL</td></tr>
 *   <tr><td>streamIdle</td><td>a body without bytes in either direction</td><td>408, 504 or close</td><td>408, 504 or RST CANCEL</td></tr>
 * </table>
 *
 * @param requestHead from accept, or from the first byte on a kept connection, to the end of the request head
 * @param idle how long a connection may stay open without an exchange; for upstream connections the same
 * @param connect how long dialling may take, up to the SETTINGS of an HTTP/2 upstream
 * @param response how long an upstream may take from the last byte of the request that it took to its reply head
 * @param requestBody in each such period before the reply starts, a client whose request body is not whole must send at
 *     least {@code minProgress} bytes of it (408 beyond); calls of gRPC, which may be quiet, are spared
 * @param progress in each such period, a peer for which bytes wait must take at least {@code minProgress} of them
 * @param minProgress bytes below which a body does not count as moving
 * @param streamIdle how long the body of an exchange may stay without a byte in either direction
 * @param tunnelIdle how long a tunnel, such as a WebSocket, may stay without a byte in either direction
 * @param linger how long a half-closed connection is drained before it is closed
 * @param tick how often timers are looked at
 * @param maxLineBytes longest request line of HTTP/1.1 (414 beyond)
 * @param maxHeadBytes largest header section (431 beyond); for HTTP/2 counted as RFC 9113 section 6.5.2 says
 * @param maxFields most header fields of a message, crumbs of cookies counted (431 beyond)
 * @param maxStreams most concurrent streams of an HTTP/2 client, advertised and enforced
 * @param streamWindow receive window of an HTTP/2 stream: the most bytes of one message that wait in memory for a slow
 *     receiver
 * @param bodyBuffer the same for HTTP/1.1, to which one read of at most 64 KiB may come on top
 * @param maxConnections most connections to one upstream endpoint, shared evenly by the event loops, at least one each
 * @param maxPending most exchanges that wait for a connection to one upstream endpoint on one event loop (503 beyond)
 * @param maxAttempts most attempts of an exchange that no upstream can have processed, or that it may process twice
 * @param connectMethod whether CONNECT reaches the service instead of being refused with 501
 * @param paths what is done about ambiguous paths
 * @param dropUnderscores whether all fields with an underscore in their name are dropped, or only those that some servers
 *     would take for a field that matters, such as {@code Transfer_Encoding} and {@code X_Forwarded_For}
 * @param h2 how much an HTTP/2 peer may do that costs more than it brings
 */
public record MuxSettings(
        Duration requestHead,
        Duration idle,
        Duration connect,
        Duration response,
        Duration requestBody,
        Duration progress,
        int minProgress,
        Duration streamIdle,
        Duration tunnelIdle,
        Duration linger,
        Duration tick,
        int maxLineBytes,
        int maxHeadBytes,
        int maxFields,
        int maxStreams,
        int streamWindow,
        int bodyBuffer,
        int maxConnections,
        int maxPending,
        int maxAttempts,
        boolean connectMethod,
        PathPolicy paths,
        boolean dropUnderscores,
        H2Limits h2) {

    private static final Duration SHORTEST = Duration.ofMillis(1);
    private static final Duration LONGEST = Duration.ofDays(24); // in milliseconds an int

    /** The defaults; see {@link Builder} for the reason of each. */
    public static final MuxSettings DEFAULTS = new Builder().build();

    /** Checks the ranges. */
    public MuxSettings {
        timeSpan("requestHead", requestHead);
        timeSpan("idle", idle);
        timeSpan("connect", connect);
        timeSpan("response", response);
        timeSpan("requestBody", requestBody);
        timeSpan("progress", progress);
        timeSpan("streamIdle", streamIdle);
        timeSpan("tunnelIdle", tunnelIdle);
        timeSpan("linger", linger);
        timeSpan("tick", tick);
        between("minProgress", minProgress, 1, 1 << 30);
        between("maxLineBytes", maxLineBytes, 64, 1 << 20);
        between("maxHeadBytes", maxHeadBytes, 256, 1 << 24);
        between("maxFields", maxFields, 1, 1 << 16);
        between("maxStreams", maxStreams, 1, 1 << 20);
        between("streamWindow", streamWindow, 1024, 1 << 30);
        between("bodyBuffer", bodyBuffer, 1024, 1 << 30);
        between("maxConnections", maxConnections, 1, 1 << 20);
        between("maxPending", maxPending, 1, 1 << 24);
        between("maxAttempts", maxAttempts, 1, 100);
        Objects.requireNonNull(paths, "paths");
        Objects.requireNonNull(h2, "h2");
    }

    /**
     * A builder that starts with the defaults.
     *
     * @return the builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * A builder that starts with these settings.
     *
     * @return the builder
     */
    public Builder toBuilder() {
        return new Builder(this);
    }

    private static void timeSpan(String name, Duration value) {
        if (value.compareTo(SHORTEST) < 0 || value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: 1 millisecond to 24 days)");
        }
    }

    private static void between(String name, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: " + least + ".." + most + ")");
        }
    }

    /** Builds settings; each setter says the default. */
    public static final class Builder {

        private Duration requestHead = Duration.ofSeconds(10);
        private Duration idle = Duration.ofSeconds(60);
        private Duration connect = Duration.ofSeconds(3);
        private Duration response = Duration.ofSeconds(30);
        private Duration requestBody = Duration.ofSeconds(60);
        private Duration progress = Duration.ofSeconds(30);
        private int minProgress = 8 * 1024;
        private Duration streamIdle = Duration.ofMinutes(5);
        private Duration tunnelIdle = Duration.ofHours(1);
        private Duration linger = Duration.ofSeconds(2);
        private Duration tick = Duration.ofMillis(250);
        private int maxLineBytes = 8192;
        private int maxHeadBytes = 32 * 1024;
        private int maxFields = 128;
        private int maxStreams = 100;
        private int streamWindow = 256 * 1024;
        private int bodyBuffer = 128 * 1024;
        private int maxConnections = 1024;
        private int maxPending = 1024;
        private int maxAttempts = 3;
        private boolean connectMethod;
        private PathPolicy paths = PathPolicy.CANONICAL;
        private boolean dropUnderscores;
        private H2Limits h2 = H2Limits.DEFAULTS;

        private Builder() {}

        private Builder(MuxSettings from) {
            requestHead = from.requestHead;
            idle = from.idle;
            connect = from.connect;
            response = from.response;
            requestBody = from.requestBody;
            progress = from.progress;
            minProgress = from.minProgress;
            streamIdle = from.streamIdle;
            tunnelIdle = from.tunnelIdle;
            linger = from.linger;
            tick = from.tick;
            maxLineBytes = from.maxLineBytes;
            maxHeadBytes = from.maxHeadBytes;
            maxFields = from.maxFields;
            maxStreams = from.maxStreams;
            streamWindow = from.streamWindow;
            bodyBuffer = from.bodyBuffer;
            maxConnections = from.maxConnections;
            maxPending = from.maxPending;
            maxAttempts = from.maxAttempts;
            connectMethod = from.connectMethod;
            paths = from.paths;
            dropUnderscores = from.dropUnderscores;
            h2 = from.h2;
        }

        /**
         * Bounds the time for a request head; 10 seconds, enough for a slow phone and too short for a drip.
         *
         * @param value 1 millisecond to 24 days
         * @return this
         */
        public Builder requestHead(Duration value) {
            requestHead = value;
            return this;
        }

        /**
         * Bounds the idle time of connections; 60 seconds, as most servers keep theirs.
         *
         * @param value 1 millisecond to 24 days
         * @return this
         */
        public Builder idle(Duration value) {
            idle = value;
            return this;
        }

        /**
         * Bounds the time for dialling; 3 seconds, one retransmitted SYN.
         *
         * @param value 1 millisecond to 24 days
         * @return this
         */
        public Builder connect(Duration value) {
            connect = value;
            return this;
        }

        /**
         * Bounds the wait for a reply head; 30 seconds.
         *
         * @param value 1 millisecond to 24 days
         * @return this
         */
        public Builder response(Duration value) {
            response = value;
            return this;
        }

        /**
         * Sets the period in which a request body must make progress; 60 seconds, as most servers wait for a body.
         *
         * @param value 1 millisecond to 24 days
         * @return this
         */
        public Builder requestBody(Duration value) {
            requestBody = value;
            return this;
        }

        /**
         * Sets what counts as progress; 8 KiB. With the other defaults a client may read at 280 and upload at 140 bytes a
         * second, and one that takes or gives a byte at a time is cut.
         *
         * @param value bytes
         * @return this
         */
        public Builder minProgress(int value) {
            minProgress = value;
            return this;
        }

        /**
         * Sets the period in which bytes that wait must make progress; 30 seconds.
         *
         * @param value 1 millisecond to 24 days
         * @return this
         */
        public Builder progress(Duration value) {
            progress = value;
            return this;
        }

        /**
         * Bounds how long an exchange may be silent; 5 minutes, so that quiet event streams live.
         *
         * @param value 1 millisecond to 24 days
         * @return this
         */
        public Builder streamIdle(Duration value) {
            streamIdle = value;
            return this;
        }

        /**
         * Bounds the silence on a tunnel, of both sides at once; 1 hour, as WebSockets may be quiet for long and their ends
         * have pings of their own.
         *
         * @param value 1 millisecond to 24 days
         * @return this
         */
        public Builder tunnelIdle(Duration value) {
            tunnelIdle = value;
            return this;
        }

        /**
         * Bounds how long a half-closed connection is drained; 2 seconds.
         *
         * @param value 1 millisecond to 24 days
         * @return this
         */
        public Builder linger(Duration value) {
            linger = value;
            return this;
        }

        /**
         * Sets the grain of all timers; 250 milliseconds.
         *
         * @param value 1 millisecond to 24 days
         * @return this
         */
        public Builder tick(Duration value) {
            tick = value;
            return this;
        }

        /**
         * Bounds the request line of HTTP/1.1; 8192, a little over what RFC 9112 section 3 recommends.
         *
         * @param value bytes
         * @return this
         */
        public Builder maxLineBytes(int value) {
            maxLineBytes = value;
            return this;
        }

        /**
         * Bounds the header section; 32 KiB.
         *
         * @param value bytes
         * @return this
         */
        public Builder maxHeadBytes(int value) {
            maxHeadBytes = value;
            return this;
        }

        /**
         * Bounds the number of header fields; 128.
         *
         * @param value fields
         * @return this
         */
        public Builder maxFields(int value) {
            maxFields = value;
            return this;
        }

        /**
         * Bounds the concurrent streams of a client connection; 100, as RFC 9113 section 6.5.2 recommends at least.
         *
         * @param value streams
         * @return this
         */
        public Builder maxStreams(int value) {
            maxStreams = value;
            return this;
        }

        /**
         * Sets the receive window of an HTTP/2 stream; 256 KiB.
         *
         * @param value bytes
         * @return this
         */
        public Builder streamWindow(int value) {
            streamWindow = value;
            return this;
        }

        /**
         * Bounds the bytes of an HTTP/1.1 body that wait for a slow receiver; 128 KiB.
         *
         * @param value bytes
         * @return this
         */
        public Builder bodyBuffer(int value) {
            bodyBuffer = value;
            return this;
        }

        /**
         * Bounds the connections to one upstream endpoint; 1024.
         *
         * @param value connections
         * @return this
         */
        public Builder maxConnections(int value) {
            maxConnections = value;
            return this;
        }

        /**
         * Bounds the exchanges that wait for a connection to one endpoint on one event loop; 1024.
         *
         * @param value exchanges
         * @return this
         */
        public Builder maxPending(int value) {
            maxPending = value;
            return this;
        }

        /**
         * Bounds the attempts of an exchange that no upstream can have processed, or that it may process twice; 3.
         *
         * @param value attempts, the first one included
         * @return this
         */
        public Builder maxAttempts(int value) {
            maxAttempts = value;
            return this;
        }

        /**
         * Lets CONNECT through to the service, which then decides where tunnels lead; false, as a gateway that opens any
         * connection it is asked for is an open proxy.
         *
         * @param value whether the service sees CONNECT; else it is refused with 501
         * @return this
         */
        public Builder connectMethod(boolean value) {
            connectMethod = value;
            return this;
        }

        /**
         * Decides about ambiguous paths; {@link PathPolicy#CANONICAL}.
         *
         * @param value the policy
         * @return this
         */
        public Builder paths(PathPolicy value) {
            paths = value;
            return this;
        }

        /**
         * Drops all fields with an underscore in their name; false, which drops the dangerous ones.
         *
         * @param value whether
         * @return this
         */
        public Builder dropUnderscores(boolean value) {
            dropUnderscores = value;
            return this;
        }

        /**
         * Bounds what HTTP/2 peers may do; {@link H2Limits#DEFAULTS}.
         *
         * @param value the limits
         * @return this
         */
        public Builder h2(H2Limits value) {
            h2 = value;
            return this;
        }

        /**
         * Checks and builds.
         *
         * @return the settings
         * @throws IllegalArgumentException when a value is out of range; the message names it
         */
        public MuxSettings build() {
            return new MuxSettings(
                    requestHead,
                    idle,
                    connect,
                    response,
                    requestBody,
                    progress,
                    minProgress,
                    streamIdle,
                    tunnelIdle,
                    linger,
                    tick,
                    maxLineBytes,
                    maxHeadBytes,
                    maxFields,
                    maxStreams,
                    streamWindow,
                    bodyBuffer,
                    maxConnections,
                    maxPending,
                    maxAttempts,
                    connectMethod,
                    paths,
                    dropUnderscores,
                    h2);
        }
    }
}
