package io.headgate.benchmarks;

import io.headgate.http.CallWatch;
import io.headgate.http.Fields;

/** What a watch costs that does nothing. */
final class IdleWatch implements CallWatch {

    @Override
    public void onComplete(Fields trailers) {
        // does not care
    }

    @Override
    public void onFailure(Throwable cause) {
        // does not care
    }

    @Override
    public void onCancel() {
        // does not care
    }
}
