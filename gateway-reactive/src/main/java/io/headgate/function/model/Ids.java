package io.headgate.function.model;

import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes ids of entities and calls: 26 characters of base 32 without I, L, O and U, that sort by time. They are 48 bits of
 * milliseconds, 48 bits that are random for each source, and 32 bits of a counter, as the ids of the Fn server.
 *
 * <p><b>Threading.</b> Any thread may call.
 */
public final class Ids {

    private static final byte[] ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ".getBytes(StandardCharsets.US_ASCII);
    private static final int LENGTH = 26;

    private final Clock clock;
    private final long machine;
    private final AtomicInteger counter;

    /**
     * A source of ids, different from all others.
     *
     * @param clock tells the time
     */
    public Ids(Clock clock) {
        this.clock = clock;
        SecureRandom random = new SecureRandom();
        this.machine = random.nextLong() >>> 16;
        this.counter = new AtomicInteger(random.nextInt(1 << 16));
    }

    /**
     * Makes an id.
     *
     * @return 26 characters; later ones of this source sort behind it unless the clock is set back
     */
    public String next() {
        long high = clock.millis() << 16 | machine >>> 32;
        long low = machine << 32 | counter.getAndIncrement() & 0xFFFF_FFFFL;
        byte[] text = new byte[LENGTH];
        for (int i = LENGTH - 1; i >= 0; i--) {
            text[i] = ALPHABET[(int) (low & 31)];
            low = low >>> 5 | high << 59;
            high >>>= 5;
        }
        return new String(text, StandardCharsets.ISO_8859_1);
    }
}
