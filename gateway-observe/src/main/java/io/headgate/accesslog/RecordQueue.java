package io.headgate.accesslog;

import io.headgate.http.ExchangeRecord;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Exchanges that wait: a ring of fixed size, for many that offer and one that polls. Nobody locks, nothing is allocated. Offering
 * claims a place and then fills it; closing claims all places that are left, so what was taken before is exactly what comes out.
 */
final class RecordQueue {

    private static final long CLOSED = Long.MIN_VALUE; // a bit beside the number of places

    private final AtomicReferenceArray<@Nullable ExchangeRecord> places;
    private final int mask;
    private final AtomicLong claimed = new AtomicLong();
    private final AtomicLong polled = new AtomicLong(); // written by the one that polls

    RecordQueue(int capacity) {
        int size = capacity == 1 ? 1 : Integer.highestOneBit(capacity - 1) << 1;
        places = new AtomicReferenceArray<>(size);
        mask = size - 1;
    }

    /** Returns false when there is no room, or when the queue is closed. */
    boolean offer(ExchangeRecord exchange) {
        long place;
        do {
            place = claimed.get();
            if (place < 0 || place - polled.get() > mask) {
                return false;
            }
        } while (!claimed.compareAndSet(place, place + 1));
        places.lazySet((int) place & mask, exchange);
        return true;
    }

    /** The next one, or null when there is none, or when it is not there quite yet. */
    @Nullable ExchangeRecord poll() {
        long next = polled.get();
        int place = (int) next & mask;
        ExchangeRecord exchange = places.get(place);
        if (exchange != null) {
            places.lazySet(place, null);
            polled.set(next + 1);
        }
        return exchange;
    }

    int capacity() {
        return mask + 1;
    }

    int size() {
        long before = polled.get(); // first, so that the difference is never negative
        return (int) Math.min((claimed.get() & ~CLOSED) - before, mask + 1L);
    }

    void close() {
        claimed.getAndUpdate(places -> places | CLOSED);
    }

    /** Whether it is closed and nothing will come any more. */
    boolean isFinished() {
        long end = claimed.get();
        return end < 0 && (end & ~CLOSED) == polled.get();
    }
}
