/**
 * Typed endpoints: a plain Java interface whose methods return {@code Mono} or {@code Flux} is a service. Its signature says
 * everything: the name of each endpoint, what travels, and which side streams. There are no stubs, and nothing is registered.
 *
 * <p>Start at {@link io.headgate.rpc.endpoint.Endpoints}, which makes a service of objects that implement such interfaces, and
 * {@link io.headgate.rpc.endpoint.RpcClients}, which makes an object of such an interface over any service.
 */
@NullMarked
package io.headgate.rpc.endpoint;

import org.jspecify.annotations.NullMarked;
