package io.headgate;

/** The stage that does nothing, recognised by reference. */
final class Identity implements Stage<Object, Object> {

    static final Identity INSTANCE = new Identity();

    private Identity() {}

    @Override
    public Service<Object, Object> wrap(Service<Object, Object> next) {
        return next;
    }

    @Override
    public String toString() {
        return "identity";
    }
}
