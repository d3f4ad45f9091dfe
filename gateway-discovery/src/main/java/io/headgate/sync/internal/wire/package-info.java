/**
 * Messages of the sync protocol and their bytes, for the server and the client; not for users. See docs/sync-wire.md.
 *
 * <p>Start with {@link io.headgate.sync.internal.wire.SyncMessage}.
 */
@NullMarked
package io.headgate.sync.internal.wire;

import org.jspecify.annotations.NullMarked;
