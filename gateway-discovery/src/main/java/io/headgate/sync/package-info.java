/**
 * Sets of entries that are kept the same in many processes: a snapshot, then every change, fanned out to thousands of clients.
 *
 * <p>A set is a {@code Flux} of {@link io.headgate.sync.SyncEvent}s; that is all that a source has to be. Start with
 * {@code io.headgate.sync.server} to serve one, {@code io.headgate.sync.client} to follow one, and {@code io.headgate.sync.source}
 * for where one comes from.
 */
@NullMarked
package io.headgate.sync;

import org.jspecify.annotations.NullMarked;
