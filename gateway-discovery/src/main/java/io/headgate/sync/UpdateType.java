package io.headgate.sync;

/** What a {@link SyncUpdate} is to whoever had the state before it. */
public enum UpdateType {

    /** The source does not know. */
    UNKNOWN,

    /** The key was not there before; every entry of a snapshot is that. */
    NEW,

    /** The key was there. */
    UPDATED,

    /** The key is gone. */
    DELETED
}
