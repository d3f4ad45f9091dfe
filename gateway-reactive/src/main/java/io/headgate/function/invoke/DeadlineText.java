package io.headgate.function.invoke;

import io.netty.util.AsciiString;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Points in time as functions are told them, in whole seconds. Calls of one second have few different ones, so that texts are kept. */
final class DeadlineText {

    private static final int KEPT = 64;
    private static final int MILLIS = 1000;

    private record Text(long second, AsciiString text) {}

    private final AtomicReferenceArray<@Nullable Text> kept = new AtomicReferenceArray<>(KEPT);

    /** The second in which this millisecond of the epoch is, by RFC 3339. */
    AsciiString of(long epochMillis) {
        long second = Math.floorDiv(epochMillis, MILLIS);
        int place = (int) (second & KEPT - 1);
        Text known = kept.get(place);
        if (known == null || known.second != second) {
            known = new Text(
                    second, new AsciiString(Instant.ofEpochSecond(second).toString()));
            kept.set(place, known);
        }
        return known.text;
    }
}
