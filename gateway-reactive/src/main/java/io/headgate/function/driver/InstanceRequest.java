package io.headgate.function.driver;

import io.headgate.http.Body;
import io.headgate.http.Fields;

/**
 * What an instance is sent.
 *
 * @param fields the headers, those of the contract among them ({@code fn-call-id}, {@code fn-deadline})
 * @param body the input; owned by who makes the call
 */
public record InstanceRequest(Fields fields, Body body) {}
