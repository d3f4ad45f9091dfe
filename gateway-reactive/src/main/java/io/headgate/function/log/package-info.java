/**
 * Where what functions print goes: to the call that runs, to a logger, and to the syslog server of the application. Start at
 * {@link io.headgate.function.log.FunctionLogs}.
 */
@NullMarked
package io.headgate.function.log;

import org.jspecify.annotations.NullMarked;
