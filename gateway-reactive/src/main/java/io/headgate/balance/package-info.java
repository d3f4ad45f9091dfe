/**
 * Spreads the calls of a service over its endpoints while these come and go. Start at {@link io.headgate.balance.Balancer}; how
 * endpoints are chosen is a {@link io.headgate.balance.Strategy}.
 */
@NullMarked
package io.headgate.balance;

import org.jspecify.annotations.NullMarked;
