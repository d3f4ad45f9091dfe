/**
 * Both sides of a connection in one process, without a wire: what is called is called directly, and bodies pass by reference.
 * Start at {@link io.headgate.rpc.local.InProcess}.
 */
@NullMarked
package io.headgate.rpc.local;

import org.jspecify.annotations.NullMarked;
