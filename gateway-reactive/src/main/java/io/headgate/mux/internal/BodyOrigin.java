package io.headgate.mux.internal;

/** Where a body comes from, as seen by the sink that it goes to. Called on the loop of the sink. */
public interface BodyOrigin {

    /** That many bytes have left the gateway, or will never be wanted: as many more may be read. */
    void consumed(int bytes);

    /** Nobody wants the rest. May be called again, and after the end. */
    void abandon();
}
