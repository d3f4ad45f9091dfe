package io.headgate.sync.internal.gob;

/**
 * How much a peer may make a decoder hold. Everything is checked before anything is allocated for it.
 *
 * @param maxMessage bytes of a frame, and of all frames of one message
 * @param maxTypes types that one stream may define, and fields of one type
 * @param maxName bytes of the name of a type, of a field and of what an interface holds
 * @param maxDepth how deep values that nobody asked for may be nested
 * @param maxElements of one list
 */
public record GobLimits(int maxMessage, int maxTypes, int maxName, int maxDepth, int maxElements) {

    /** What a server allows its clients, which have little to say: 1 MiB, as the origin does. */
    public static final GobLimits SERVER = new GobLimits(1 << 20, 256, 1024, 64, 4096);

    /** What a client allows its server: 64 MiB, since a snapshot comes in messages of a thousand entries. */
    public static final GobLimits CLIENT = new GobLimits(64 << 20, 256, 1024, 64, 1 << 20);

    /** Checks that nothing is forbidden altogether. */
    public GobLimits {
        positive("maxMessage", maxMessage);
        positive("maxTypes", maxTypes);
        positive("maxName", maxName);
        positive("maxDepth", maxDepth);
        positive("maxElements", maxElements);
    }

    private static void positive(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: at least 1)");
        }
    }

    /**
     * The same with another size.
     *
     * @param bytes of a frame, and of all frames of one message
     * @return the limits
     */
    public GobLimits withMaxMessage(int bytes) {
        return new GobLimits(bytes, maxTypes, maxName, maxDepth, maxElements);
    }
}
