package io.headgate.concurrency;

import io.headgate.http.CallWatch;
import io.headgate.http.Fields;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/** A permit in the hands of a call: goes back, once, at the end of its reply, however that comes. */
class Permit implements CallWatch {

    private static final AtomicIntegerFieldUpdater<Permit> GIVEN_BACK =
            AtomicIntegerFieldUpdater.newUpdater(Permit.class, "givenBack");

    private final Permits from;
    private volatile int givenBack;

    Permit(Permits from) {
        this.from = from;
    }

    /** Gives it back unless that has been done. */
    final void back() {
        if (GIVEN_BACK.compareAndSet(this, 0, 1)) {
            from.release();
        }
    }

    @Override
    public void onComplete(Fields trailers) {
        back();
    }

    @Override
    public void onFailure(Throwable cause) {
        back();
    }

    @Override
    public void onCancel() {
        back();
    }
}
