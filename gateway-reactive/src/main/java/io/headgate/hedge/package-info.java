/**
 * A second attempt beside one that is slow. Start at {@link io.headgate.hedge.Hedge}.
 */
@NullMarked
package io.headgate.hedge;

import org.jspecify.annotations.NullMarked;
