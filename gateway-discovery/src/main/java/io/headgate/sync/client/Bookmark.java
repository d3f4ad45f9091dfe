package io.headgate.sync.client;

import io.headgate.resolve.Endpoint;
import io.headgate.sync.SyncStatus;

/**
 * Where a stream can be gone on with.
 *
 * @param server where the server was reached
 * @param serverId which server it was, however it is reached; unsigned
 * @param position up to where it has told its set; unsigned
 * @param status what it had said there
 */
record Bookmark(Endpoint server, long serverId, long position, SyncStatus status) {}
