package io.headgate.sync.internal.wire;

/** Which fields and messages a sender uses. Every peer reads either; what it does not know it skips. */
public enum Generation {

    /** Fields and messages of Typha v3.2.5. */
    V3_2_5,

    /** Those of today, and ours beyond them, which others skip. */
    TODAY
}
