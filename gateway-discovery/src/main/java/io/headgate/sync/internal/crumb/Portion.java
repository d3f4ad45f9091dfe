package io.headgate.sync.internal.crumb;

import com.google.protobuf.ByteString;
import io.headgate.sync.SyncUpdate;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** Cuts what goes into one frame from a row of updates: as many as allowed, but not beyond a number of bytes unless it is one. */
final class Portion {

    private static final long FIXED = 64; // about what the frame adds to an entry

    private Portion() {}

    /** Where a portion that begins at an index ends. */
    static int end(List<SyncUpdate> updates, int from, int most, int mostBytes) {
        int limit = (int) Math.min(updates.size(), (long) from + most);
        long bytes = 0;
        int to = from;
        while (to < limit && (to == from || bytes + weight(updates.get(to)) <= mostBytes)) {
            bytes += weight(updates.get(to));
            to++;
        }
        return to;
    }

    /** The next portion; the last one may be a little larger than allowed. */
    static List<SyncUpdate> next(Iterator<SyncUpdate> updates, int most, int mostBytes) {
        List<SyncUpdate> some = new ArrayList<>();
        long bytes = 0;
        while (updates.hasNext() && some.size() < most && bytes < mostBytes) {
            SyncUpdate update = updates.next();
            some.add(update);
            bytes += weight(update);
        }
        return some;
    }

    private static long weight(SyncUpdate update) {
        ByteString value = update.value();
        return FIXED + update.key().length() + (value == null ? 0 : value.size());
    }
}
