/**
 * Serves sets of entries to thousands of clients, on the wire of Calico Typha. Start with
 * {@link io.headgate.sync.server.SyncServer} and {@link io.headgate.sync.server.SyncServerSpec}.
 */
@NullMarked
package io.headgate.sync.server;

import org.jspecify.annotations.NullMarked;
