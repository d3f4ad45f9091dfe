package io.headgate.samples.bench;

/**
 * What a contender holds, as live bytes on the heap and in direct buffers.
 *
 * @param serverIdle of the server for each idle connection
 * @param clientIdle of the client for each idle connection
 * @param serverStalled of the server more than before, when its client does not read a stream
 * @param clientStalled of that client more than before
 */
record Footprint(long serverIdle, long clientIdle, long serverStalled, long clientStalled) {}
