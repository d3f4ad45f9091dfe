package io.headgate.http;

/**
 * Is told how a body passes, without taking part in it: a body that goes from socket to socket goes on doing so while it is
 * watched. See {@link Body#watched}.
 *
 * <p>Exactly one of {@link #onComplete}, {@link #onFailure} and {@link #onCancel} is called, and it is the last call.
 *
 * <p><b>Threading.</b> Calls come one after another on the threads of the body's source, for bodies of connections on their
 * event loop, and must not block. A watch must not throw.
 */
public interface BodyWatch {

    /**
     * The source has delivered bytes.
     *
     * @param bytes how many, one or more
     */
    default void onData(int bytes) {}

    /**
     * The source has delivered the body to its last byte and trailer, whether or not anybody took it.
     *
     * @param trailers the trailers, empty when there are none
     */
    void onComplete(Fields trailers);

    /**
     * The body was cut short by its source.
     *
     * @param cause why
     */
    void onFailure(Throwable cause);

    /** Nobody wanted the rest: the body was cancelled or discarded before its end. */
    void onCancel();

    /**
     * This watch and another one as one.
     *
     * @param other is told after this one
     * @return tells both
     */
    default BodyWatch and(BodyWatch other) {
        return new BothWatches(this, other);
    }
}
