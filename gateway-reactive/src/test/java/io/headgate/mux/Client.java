package io.headgate.mux;

/** A client connection, whichever protocol it speaks. */
interface Client extends AutoCloseable {

    /**
     * Sends a request head.
     *
     * @param hasBody whether a body follows; for HTTP/1.1 chunked unless the fields hold a content-length
     * @param fields name, value, ...
     */
    ClientCall call(String method, String target, boolean hasBody, String... fields) throws Exception;

    default ClientCall get(String target, String... fields) throws Exception {
        return call("GET", target, false, fields);
    }

    default ClientCall post(String target, String... fields) throws Exception {
        return call("POST", target, true, fields);
    }

    @Override
    void close();
}
