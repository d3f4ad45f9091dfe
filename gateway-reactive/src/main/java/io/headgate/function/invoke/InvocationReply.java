package io.headgate.function.invoke;

import io.headgate.http.Body;
import io.headgate.http.Fields;

/**
 * What a function answered when it ended well.
 *
 * @param fields its headers, as it set them
 * @param body its output; who receives the reply reads or discards it
 */
public record InvocationReply(Fields fields, Body body) {}
