/**
 * What long raw streams need: going on after a lost connection ({@link io.headgate.rpc.stream.Resume}), being watched
 * ({@link io.headgate.rpc.stream.Progress}), being slowed down ({@link io.headgate.rpc.stream.Pace}), coming from files and going
 * into them ({@link io.headgate.rpc.stream.OctetFiles}); and observers that log and dump what a connection does.
 *
 * <p>All of it works on services and streams, whatever their wire; only resumption asks for a wire with metadata.
 */
@NullMarked
package io.headgate.rpc.stream;

import org.jspecify.annotations.NullMarked;
