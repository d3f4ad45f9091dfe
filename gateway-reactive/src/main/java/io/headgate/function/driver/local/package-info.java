/** Functions of this process: start at {@link io.headgate.function.driver.local.LocalDriver}. */
@NullMarked
package io.headgate.function.driver.local;

import org.jspecify.annotations.NullMarked;
