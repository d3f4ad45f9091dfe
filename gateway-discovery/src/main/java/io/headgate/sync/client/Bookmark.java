package io.headgate.sync.client;

import io.headgate.resolve.Endpoint;

/**
 * Where a stream can be gone on with.
 *
 * @param server where the server was reached
 * @param serverId which server it was, however it is reached; unsigned
 * @param position up to where it has told its set; unsigned
 */
record Bookmark(Endpoint server, long serverId, long position) {}
