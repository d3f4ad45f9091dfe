package io.headgate.sync.server;

/** How far behind a client may be, and for how long. All times in nanoseconds. For one thread. */
final class Patience {

    /** What is to be done about a client. */
    enum Verdict {
        /** Nothing: it is near enough. */
        FINE,
        /** Nothing: it is far behind, and still has time to catch up. The first time that this is said of it. */
        GRACE,
        /** The same again. */
        STILL_GRACE,
        /** It has to leave. */
        CUT
    }

    private final long most;
    private boolean limited;
    private long graceUntil;
    private boolean used;

    /** Of endless grace, until an end of it is told. */
    Patience(long most) {
        this.most = most;
    }

    void graceEnds(long at) {
        limited = true;
        graceUntil = at;
    }

    /** Whether the end of the grace was told. */
    boolean isLimited() {
        return limited;
    }

    Verdict of(long behind, long now) {
        if (behind <= most) {
            return Verdict.FINE;
        }
        if (limited && now - graceUntil >= 0) {
            return Verdict.CUT;
        }
        if (used) {
            return Verdict.STILL_GRACE;
        }
        used = true;
        return Verdict.GRACE;
    }
}
