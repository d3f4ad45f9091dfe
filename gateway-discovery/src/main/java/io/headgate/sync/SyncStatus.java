package io.headgate.sync;

/** How complete the picture is that a stream of {@link SyncEvent}s has given so far. */
public enum SyncStatus {

    /** The datastore is not connected, or not ready. This is what holds before a stream has said anything. */
    WAIT_FOR_DATASTORE,

    /** Everything is being read: updates are valid, the picture is not complete. */
    RESYNC,

    /** All keys that exist have been told. */
    IN_SYNC
}
