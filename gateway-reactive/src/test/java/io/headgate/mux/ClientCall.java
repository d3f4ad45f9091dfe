package io.headgate.mux;

/** One exchange as a client sees it, whichever protocol it speaks. All that reads waits, but not for ever. */
abstract class ClientCall {

    /** Sends bytes of the request body. */
    abstract ClientCall send(byte[] bytes);

    final ClientCall send(String text) {
        return send(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /** Ends the request body. */
    abstract void end(String... trailers);

    /** The next head of a reply, interim or final. */
    abstract Msg head() throws Exception;

    /** The body of the reply whose head was read last. */
    abstract Incoming body();

    /** Goes away: resets the stream, or closes the connection. */
    abstract void abort();

    /** Reads a whole reply, past interim heads. */
    final Reply reply() throws Exception {
        Msg head = head();
        while (head.status() < 200) {
            head = head();
        }
        return new Reply(head, body().rest());
    }

    /** A reply, read to its end. */
    record Reply(Msg head, Content content) {

        int status() {
            return head.status();
        }

        String text() {
            return content.text();
        }
    }
}
