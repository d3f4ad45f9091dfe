/**
 * Sources of state that talk to the outside: each is a {@link io.headgate.resolve.Resolver}, and most are profile sources, too.
 */
@NullMarked
package io.headgate.discovery;

import org.jspecify.annotations.NullMarked;
