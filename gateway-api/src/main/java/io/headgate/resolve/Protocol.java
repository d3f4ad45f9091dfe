package io.headgate.resolve;

/** What an endpoint is spoken to. */
public enum Protocol {
    /** HTTP/1.1. */
    HTTP_1,
    /** HTTP/2; in cleartext with prior knowledge. */
    HTTP_2
}
