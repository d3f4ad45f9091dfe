/**
 * What {@code rpc-server} serves, as plain interfaces and the objects behind them: files
 * ({@link io.headgate.samples.rpc.FileService}) and something to try ({@link io.headgate.samples.rpc.DemoService}).
 */
@NullMarked
package io.headgate.samples.rpc;

import org.jspecify.annotations.NullMarked;
