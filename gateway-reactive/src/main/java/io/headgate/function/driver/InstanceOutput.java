package io.headgate.function.driver;

import io.netty.buffer.ByteBuf;

/** Takes what an instance prints, standard output and standard error in the order in which they were read. Does not block. */
@FunctionalInterface
public interface InstanceOutput {

    /**
     * Takes a piece.
     *
     * @param bytes what was printed, not cut at lines; borrowed
     */
    void print(ByteBuf bytes);
}
