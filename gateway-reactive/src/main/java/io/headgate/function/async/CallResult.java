package io.headgate.function.async;

import io.headgate.http.Fields;

/**
 * What a function answered to an asynchronous call.
 *
 * @param status the status for a caller over HTTP
 * @param fields its headers
 * @param body its output; not to be changed
 */
public record CallResult(int status, Fields fields, byte[] body) {}
