/**
 * Functions as processes of the operating system, spoken to over a unix socket by the contract of the Fn project's function development
 * kits: {@link io.headgate.function.driver.process.ProcessDriver}.
 */
@NullMarked
package io.headgate.function.driver.process;

import org.jspecify.annotations.NullMarked;
