package io.headgate.rpc.stream;

/** Is told when a stream goes on after a loss. Called on the thread that found the loss; must neither block nor throw. */
@FunctionalInterface
public interface ResumeListener {

    /** Nobody is told. */
    ResumeListener NONE = (endpoint, position, futile, loss) -> {};

    /**
     * A connection was lost, and the stream will go on.
     *
     * @param endpoint what was called
     * @param position bytes that are known to be across
     * @param futile how many losses there were since the last byte came across, this one included
     * @param loss what was found
     */
    void onLoss(String endpoint, long position, int futile, Throwable loss);
}
