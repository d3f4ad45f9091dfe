package io.headgate.concurrency;

import io.headgate.http.CallWatch;
import io.headgate.http.Fields;
import java.util.concurrent.atomic.AtomicBoolean;

/** A permit in the hands of a call: goes back, once, at the end of its reply, however that comes. */
class Permit extends AtomicBoolean implements CallWatch {

    private static final long serialVersionUID = 1L;

    private final transient Permits from;

    Permit(Permits from) {
        this.from = from;
    }

    /** Gives it back unless that has been done. */
    final void back() {
        if (compareAndSet(false, true)) {
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
