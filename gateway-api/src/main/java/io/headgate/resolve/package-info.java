/**
 * Where services are found: a {@link io.headgate.resolve.Resolver} turns a name into an endless stream of
 * {@link io.headgate.resolve.Update}s about its {@link io.headgate.resolve.Endpoint}s. Start at the resolver; it has the
 * operators that combine sources. The sources that talk to the outside live in {@code gateway-discovery}.
 */
@NullMarked
package io.headgate.resolve;

import org.jspecify.annotations.NullMarked;
