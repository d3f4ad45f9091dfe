package io.headgate.concurrency;

/** Where calls find their permits. */
interface PermitSource {

    /** The permits of a key, which may be retired by the time that they are used. */
    Permits find(Object key);

    /** Takes retired permits out, so that new ones are found. */
    void forget(Object key, Permits retired);

    /** The same permits for all. */
    record Single(Permits permits) implements PermitSource {

        @Override
        public Permits find(Object key) {
            return permits;
        }

        @Override
        public void forget(Object key, Permits retired) {
            // these never are
        }
    }
}
