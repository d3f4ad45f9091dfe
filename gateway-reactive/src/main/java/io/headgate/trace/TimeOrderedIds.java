package io.headgate.trace;

import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * UUIDs of version 7 (RFC 9562 section 5.7): 48 bits of time in milliseconds, so that they sort as they were made, and 74
 * bits of chance. The chance is not of the secret kind, which may block: an id names a request and proves nothing.
 *
 * <pre>
 *  0                   1                   2                   3
 *  0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
 * +---------------------------------------------------------------+
 * |                        time, upper 32 bits                    |
 * +-------------------------------+-------+-----------------------+
 * |      time, lower 16 bits      |   7   |        chance         |
 * +---+---------------------------+-------+-----------------------+
 * |1 0|                         chance                            |
 * +---+                         chance                            |
 * |                             chance                            |
 * +---------------------------------------------------------------+
 * </pre>
 */
final class TimeOrderedIds implements Supplier<String> {

    private static final long CHANCE_BITS = 0x0FFFL;
    private static final long VERSION = 0x7000L;
    private static final long VARIANT = 0x8000_0000_0000_0000L;

    private final LongSupplier millis;
    private final LongSupplier chance;

    TimeOrderedIds() {
        this(System::currentTimeMillis, () -> ThreadLocalRandom.current().nextLong());
    }

    TimeOrderedIds(LongSupplier millis, LongSupplier chance) {
        this.millis = millis;
        this.chance = chance;
    }

    @Override
    public String get() {
        long upper = millis.getAsLong() << 16 | VERSION | chance.getAsLong() & CHANCE_BITS;
        return new UUID(upper, VARIANT | chance.getAsLong() >>> 2).toString();
    }
}
