package io.headgate.mux;

import java.nio.charset.StandardCharsets;

/** One exchange as an upstream sees it, whichever protocol it speaks. All that reads waits, but not for ever. */
abstract class UpstreamCall {

    final Msg request;

    UpstreamCall(Msg request) {
        this.request = request;
    }

    /** The body of the request. */
    abstract Incoming body();

    /** Sends an interim head. */
    abstract void interim(int status, String... fields);

    /**
     * Sends a final head; without a framing field the body is chunked for HTTP/1.1.
     *
     * @param endsHere whether there is no body
     */
    abstract UpstreamCall head(int status, boolean endsHere, String... fields);

    abstract UpstreamCall send(byte[] bytes);

    /** Ends the reply. */
    abstract void end(String... trailers);

    /** Cuts the reply: closes the connection, for HTTP/2 with all its streams. */
    abstract void crash();

    /** Waits until the gateway gives the exchange up: RST_STREAM CANCEL, or the end of the connection. */
    abstract void awaitCancel() throws Exception;

    /** How many bytes of the reply body could be written. */
    abstract long written();

    final UpstreamCall send(String text) {
        return send(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A whole reply with a text. */
    final void reply(int status, String text, String... fields) {
        head(status, false, fields).send(text).end();
    }

    /** A whole reply of 200. */
    final void ok(String text) {
        reply(200, text);
    }
}
