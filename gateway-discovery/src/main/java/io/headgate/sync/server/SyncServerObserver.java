package io.headgate.sync.server;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Sees what a {@link SyncServer} does; metrics hang on it. Methods are called on event loops, those of one client in order; they
 * must not block, and what they throw is logged and does no harm. All do nothing unless overridden.
 */
public interface SyncServerObserver {

    /** Sees nothing. */
    SyncServerObserver NONE = new SyncServerObserver() {};

    /** A client has connected; its hello, and its TLS handshake, are yet to come. */
    default void accepted() {}

    /**
     * A breadcrumb was published. Called by the one that publishes, and not on an event loop.
     *
     * @param type its topic
     * @param updates how many it holds; none when only the status has changed
     */
    default void published(String type, int updates) {}

    /**
     * A hello was taken, and the client is being served from now on.
     *
     * @param type the topic that it asked for
     * @param resumed whether it goes on where it had been, without a snapshot
     * @param compressed whether it gets snappy
     */
    default void streaming(String type, boolean resumed, boolean compressed) {}

    /**
     * A client has taken the whole snapshot.
     *
     * @param type its topic
     * @param took from the first byte of it to the last
     */
    default void snapshotSent(String type, Duration took) {}

    /**
     * Something is sent that has changed.
     *
     * @param type the client's topic
     * @param behind how old the first of it is against the newest that there is
     * @param waited whether the client had everything before, rather than that more was there already
     */
    default void sending(String type, Duration behind, boolean waited) {}

    /**
     * Bytes of a client have reached the socket.
     *
     * @param type its topic
     * @param took since they were given to the connection
     * @param bytes how many
     */
    default void written(String type, Duration took, int bytes) {}

    /**
     * A client has answered a ping.
     *
     * @param type its topic
     * @param took since the ping was sent
     */
    default void ponged(String type, Duration took) {}

    /**
     * A client was let fall behind because its snapshot was not long ago; told once for a client.
     *
     * @param type its topic
     */
    default void graceUsed(String type) {}

    /**
     * A client is gone; the last that is told of it.
     *
     * @param type its topic, null when it never got as far
     * @param end why
     * @param lasted since it was accepted
     */
    default void ended(@Nullable String type, SyncEnd end, Duration lasted) {}
}
