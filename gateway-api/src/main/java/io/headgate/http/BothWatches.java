package io.headgate.http;

/** Two watches in the place of one. */
record BothWatches(BodyWatch first, BodyWatch second) implements BodyWatch {

    @Override
    public void onData(int bytes) {
        first.onData(bytes);
        second.onData(bytes);
    }

    @Override
    public void onComplete(Fields trailers) {
        first.onComplete(trailers);
        second.onComplete(trailers);
    }

    @Override
    public void onFailure(Throwable cause) {
        first.onFailure(cause);
        second.onFailure(cause);
    }

    @Override
    public void onCancel() {
        first.onCancel();
        second.onCancel();
    }
}
