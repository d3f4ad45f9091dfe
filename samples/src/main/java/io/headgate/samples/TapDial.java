package io.headgate.samples;

import io.headgate.tap.TapSource;

/** Ways to the tap of a gateway. */
@FunctionalInterface
interface TapDial {

    /** Goes there; the first observation tells whether that was possible. */
    Opened open(ListenAddress gateway);

    /** A tap elsewhere, until it is closed. */
    interface Opened extends TapSource, AutoCloseable {
        @Override
        void close();
    }
}
