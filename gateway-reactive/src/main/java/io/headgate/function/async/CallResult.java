package io.headgate.function.async;

import io.headgate.http.Fields;

/**
 * What a function answered to an asynchronous call.
 *
 * @param status the status that a caller over HTTP would have seen who had waited
 * @param fields the headers that this caller would have seen
 * @param body its output; not to be changed
 */
public record CallResult(int status, Fields fields, byte[] body) {}
