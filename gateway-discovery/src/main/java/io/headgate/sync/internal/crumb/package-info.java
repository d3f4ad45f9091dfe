/**
 * One set of entries held for many: a picture that is always whole, and the changes after it as bytes that all clients share.
 *
 * <p>{@link io.headgate.sync.internal.crumb.CrumbCache} is where to start. Its writer encodes each change once into a log of
 * slabs; a client is a {@link io.headgate.sync.internal.crumb.CrumbCursor} in that log, after a
 * {@link io.headgate.sync.internal.crumb.SnapshotReader} that it shares with everybody who came at about the same time.
 */
@NullMarked
package io.headgate.sync.internal.crumb;

import org.jspecify.annotations.NullMarked;
