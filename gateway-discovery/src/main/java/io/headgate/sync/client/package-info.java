/**
 * Following a synchronised set of entries from a server, and feeding a gateway with one. Start at
 * {@link io.headgate.sync.client.SyncClient} for the set, and at {@link io.headgate.sync.client.SyncDiscovery} for endpoints and
 * profiles out of any set.
 */
@NullMarked
package io.headgate.sync.client;

import org.jspecify.annotations.NullMarked;
