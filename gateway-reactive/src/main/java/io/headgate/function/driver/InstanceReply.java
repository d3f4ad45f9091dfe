package io.headgate.function.driver;

import io.headgate.http.Body;
import io.headgate.http.Fields;

/**
 * What an instance answers.
 *
 * @param status 200 for what the function returned, 502 for what it threw, 504 when it gave up in time
 * @param fields the headers, without those of the connection
 * @param body the output; who receives the reply reads or discards it
 */
public record InstanceReply(int status, Fields fields, Body body) {}
