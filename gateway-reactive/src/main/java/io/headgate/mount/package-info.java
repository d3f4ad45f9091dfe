/**
 * Mounts a Headgate service in an existing Reactor Netty {@code HttpServer}; start at
 * {@link io.headgate.mount.ReactorNettyMount}. This is the only package that needs {@code reactor-netty-http}, which is an
 * optional dependency.
 */
@NullMarked
package io.headgate.mount;

import org.jspecify.annotations.NullMarked;
