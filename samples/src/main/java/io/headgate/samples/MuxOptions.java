package io.headgate.samples;

import io.headgate.mux.MuxSettings;
import java.time.Duration;
import picocli.CommandLine.Option;

/** An option for each timeout and limit of the mux. */
final class MuxOptions {

    private static final MuxSettings DEFAULTS = MuxSettings.DEFAULTS;
    private static final String DEFAULT = " Default: ${DEFAULT-VALUE}.";

    @Option(
            names = "--request-head-timeout",
            paramLabel = "TIME",
            description = "From accept or first byte to the end of a request head." + DEFAULT)
    private Duration requestHead = DEFAULTS.requestHead();

    @Option(
            names = "--idle-timeout",
            paramLabel = "TIME",
            description = "A connection without exchanges, on either side." + DEFAULT)
    private Duration idle = DEFAULTS.idle();

    @Option(
            names = "--connect-timeout",
            paramLabel = "TIME",
            description = "Dialling an upstream, up to the SETTINGS of HTTP/2." + DEFAULT)
    private Duration connect = DEFAULTS.connect();

    @Option(
            names = "--response-timeout",
            paramLabel = "TIME",
            description = "From the end of a request to the head of its reply." + DEFAULT)
    private Duration response = DEFAULTS.response();

    @Option(
            names = "--request-body-timeout",
            paramLabel = "TIME",
            description = "A period in which a request body must make progress." + DEFAULT)
    private Duration requestBody = DEFAULTS.requestBody();

    @Option(
            names = "--progress-timeout",
            paramLabel = "TIME",
            description = "Bytes that wait for a peer that does not take them." + DEFAULT)
    private Duration progress = DEFAULTS.progress();

    @Option(
            names = "--min-progress",
            paramLabel = "BYTES",
            description = "What counts as progress in such a period." + DEFAULT)
    private int minProgress = DEFAULTS.minProgress();

    @Option(
            names = "--stream-idle-timeout",
            paramLabel = "TIME",
            description = "A body without a byte in either direction." + DEFAULT)
    private Duration streamIdle = DEFAULTS.streamIdle();

    @Option(
            names = "--linger",
            paramLabel = "TIME",
            description = "How long a half-closed connection is drained." + DEFAULT)
    private Duration linger = DEFAULTS.linger();

    @Option(
            names = "--tick",
            paramLabel = "TIME",
            description = "How often timers are looked at: the grain of all timeouts." + DEFAULT)
    private Duration tick = DEFAULTS.tick();

    @Option(names = "--max-line-bytes", paramLabel = "BYTES", description = "Longest request line." + DEFAULT)
    private int maxLineBytes = DEFAULTS.maxLineBytes();

    @Option(names = "--max-head-bytes", paramLabel = "BYTES", description = "Largest header section." + DEFAULT)
    private int maxHeadBytes = DEFAULTS.maxHeadBytes();

    @Option(names = "--max-fields", paramLabel = "N", description = "Most fields of a message." + DEFAULT)
    private int maxFields = DEFAULTS.maxFields();

    @Option(
            names = "--max-streams",
            paramLabel = "N",
            description = "Most concurrent streams of an HTTP/2 client." + DEFAULT)
    private int maxStreams = DEFAULTS.maxStreams();

    @Option(
            names = "--stream-window",
            paramLabel = "BYTES",
            description = "Receive window of an HTTP/2 stream." + DEFAULT)
    private int streamWindow = DEFAULTS.streamWindow();

    @Option(
            names = "--body-buffer",
            paramLabel = "BYTES",
            description = "Bytes of an HTTP/1.1 body that wait for a slow receiver." + DEFAULT)
    private int bodyBuffer = DEFAULTS.bodyBuffer();

    @Option(
            names = "--max-connections",
            paramLabel = "N",
            description = "Most connections to an upstream endpoint." + DEFAULT)
    private int maxConnections = DEFAULTS.maxConnections();

    @Option(
            names = "--max-pending",
            paramLabel = "N",
            description = "Most exchanges that wait for a connection, for each endpoint and event loop." + DEFAULT)
    private int maxPending = DEFAULTS.maxPending();

    @Option(
            names = "--max-attempts",
            paramLabel = "N",
            description = "Most attempts of an exchange that no upstream can have processed." + DEFAULT)
    private int maxAttempts = DEFAULTS.maxAttempts();

    MuxSettings settings() {
        return MuxSettings.builder()
                .requestHead(requestHead)
                .idle(idle)
                .connect(connect)
                .response(response)
                .requestBody(requestBody)
                .progress(progress)
                .minProgress(minProgress)
                .streamIdle(streamIdle)
                .linger(linger)
                .tick(tick)
                .maxLineBytes(maxLineBytes)
                .maxHeadBytes(maxHeadBytes)
                .maxFields(maxFields)
                .maxStreams(maxStreams)
                .streamWindow(streamWindow)
                .bodyBuffer(bodyBuffer)
                .maxConnections(maxConnections)
                .maxPending(maxPending)
                .maxAttempts(maxAttempts)
                .build();
    }
}
