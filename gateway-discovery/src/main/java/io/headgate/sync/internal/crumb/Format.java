package io.headgate.sync.internal.crumb;

/** What a client reads. */
public enum Format {

    /** The frames as they are. */
    PLAIN,

    /** The same frames in complete chunks of the Snappy framing format, without the stream identifier. */
    SNAPPY
}
