package io.headgate.mux;

/** What a peer can overstep: told to a {@link LimitObserver}, so that each can be counted. */
public enum Limit {
    /** Request line of HTTP/1.1 longer than {@link MuxSettings#maxLineBytes}. */
    REQUEST_LINE,
    /** Header section larger than {@link MuxSettings#maxHeadBytes}. */
    HEAD_BYTES,
    /** More header fields than {@link MuxSettings#maxFields}. */
    HEAD_FIELDS,
    /** A head or a body that is not HTTP: line ends, names, values, chunk sizes, missing parts. */
    SYNTAX,
    /** Another version than HTTP/1.1 and 1.0. */
    VERSION,
    /** A method that is no token, or not taken. */
    METHOD,
    /** A request target of no permitted form. */
    TARGET,
    /** A path that {@link PathPolicy} refuses: proper HTTP, so HTTP/2 clients are answered with 400, too. */
    PATH,
    /** Host and authority missing, repeated, malformed or at odds. */
    AUTHORITY,
    /** A scheme other than http and https. */
    SCHEME,
    /** A pseudo-header that is unknown, missing or repeated. */
    PSEUDO_HEADER,
    /** Content-Length or Transfer-Encoding that two readers could take for different lengths. */
    FRAMING,
    /** A {@code Connection} field that nominates what must reach the other end. */
    NOMINATION,
    /** An expectation other than 100-continue. */
    EXPECTATION,

    /** The head did not come within {@link MuxSettings#requestHead}. */
    SLOW_HEAD,
    /** The body did not come, or slower than {@link MuxSettings#minProgress} per {@link MuxSettings#requestBody}. */
    SLOW_BODY,
    /** Bytes waited, and a client took less than {@link MuxSettings#minProgress} per {@link MuxSettings#progress}. */
    SLOW_READER,

    /** More streams than {@link MuxSettings#maxStreams}: each is refused, the connection goes on. */
    STREAMS,
    /** RST_STREAM received. */
    RESETS,
    /** RST_STREAM received before a response had started. */
    EARLY_RESETS,
    /** Errors of a peer that were answered with RST_STREAM. */
    ERRORS,
    /** Frames that answer others (RST_STREAM, acknowledgements), because the peer does not read them. */
    QUEUED_FRAMES,
    /** PING. */
    PINGS,
    /** SETTINGS. */
    SETTINGS,
    /** SETTINGS that the peer does not acknowledge in time. */
    SETTINGS_ACK,
    /** DATA that brings nothing. */
    EMPTY_DATA,
    /** WINDOW_UPDATE. */
    WINDOW_UPDATES,
    /** CONTINUATION frames of one header block. */
    CONTINUATIONS,
    /** Bytes of one header block before decompression. */
    HEADER_BLOCK,
    /** Frames without use: PRIORITY, unknown ones, those of closed streams, acknowledgements of nothing. */
    GLITCHES,

    /** An upstream that does not speak HTTP, or sends what nobody asked for. */
    UPSTREAM
}
