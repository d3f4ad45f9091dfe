package io.headgate.rpc.zrepl;

/** Is told of each frame that is read or written. */
@FunctionalInterface
interface FrameLog {

    void frame(FrameType type, int length);
}
