package io.headgate.balance.internal;

/** 64-bit hashes that are the same in every process, so that gateways side by side agree. */
public final class Hashes {

    /** Stands for no key. */
    public static final long NONE = 0;

    private static final long FNV_OFFSET = 0xcbf29ce484222325L;
    private static final long FNV_PRIME = 0x100000001b3L;

    private Hashes() {}

    /** Of characters; never {@link #NONE}. */
    public static long of(CharSequence text, int from, int to) {
        long hash = FNV_OFFSET;
        for (int i = from; i < to; i++) {
            hash = (hash ^ text.charAt(i)) * FNV_PRIME;
        }
        return mix(hash);
    }

    public static long of(CharSequence text) {
        return of(text, 0, text.length());
    }

    /** Spreads all bits over all bits (Stafford's variant 13 of the finalizer of MurmurHash3); never {@link #NONE}. */
    public static long mix(long value) {
        long hash = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
        hash = (hash ^ hash >>> 27) * 0x94d049bb133111ebL;
        hash ^= hash >>> 31;
        return hash == NONE ? 1 : hash;
    }
}
