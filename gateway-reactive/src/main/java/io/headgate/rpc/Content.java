package io.headgate.rpc;

/** What the elements of one direction of a call are made of. */
public enum Content {
    /** There are no elements. */
    NONE,
    /** Each element is one JSON document in UTF-8. */
    JSON,
    /** Each element is one message of Protocol Buffers. */
    PROTOBUF,
    /** Bytes without structure: where one buffer ends and the next begins means nothing. */
    OCTETS
}
