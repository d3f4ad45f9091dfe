package io.headgate.admin.internal;

/**
 * A request to a resource.
 *
 * @param path which resource
 * @param query its parameters
 * @param type what is to be answered with, one of those that the resource {@linkplain Resource#types has}
 */
public record Ask(String path, Query query, String type) {}
