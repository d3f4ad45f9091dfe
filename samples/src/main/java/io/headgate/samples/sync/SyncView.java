package io.headgate.samples.sync;

import com.google.protobuf.ByteString;
import io.headgate.samples.rpc.ProgressBar;
import io.headgate.samples.tap.Printable;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import java.io.PrintWriter;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Shows what a client receives: a bar while the picture is not complete, a line when it is, and then a line for each change. For one thread
 * at a time.
 */
public final class SyncView {

    private static final int EXCERPT = 100;
    private static final double MIB = 1 << 20;
    private static final long GLANCE_NANOS = 100_000_000;

    private final ReceivedSet set = new ReceivedSet();
    private final PrintWriter out;
    private final ProgressBar bar;
    private final LongSupplier clock;
    private SyncStatus status = SyncStatus.WAIT_FOR_DATASTORE;
    private boolean complete; // once at least
    private int expected; // how many there were when the picture was complete last
    private long received;
    private long since;
    private long drawn;

    /**
     * Begins with nothing.
     *
     * @param out for lines
     * @param bar for progress
     * @param clock nanoseconds
     */
    public SyncView(PrintWriter out, ProgressBar bar, LongSupplier clock) {
        this.out = out;
        this.bar = bar;
        this.clock = clock;
        since = clock.getAsLong();
        drawn = since - GLANCE_NANOS;
    }

    /**
     * What was received until now.
     *
     * @return to be looked at by the thread that shows
     */
    public ReceivedSet set() {
        return set;
    }

    /**
     * Shows an event.
     *
     * @param event what came
     */
    public void show(SyncEvent event) {
        if (event instanceof SyncEvent.Updates updates) {
            updates.updates().forEach(this::show);
            if (status != SyncStatus.IN_SYNC) {
                progress();
            }
        } else if (event instanceof SyncEvent.Status told && told.status() != status) {
            show(told.status());
        }
    }

    private void show(SyncUpdate update) {
        received++;
        ReceivedSet.Change change = set.apply(update);
        if (complete && change != ReceivedSet.Change.NONE) {
            say(line(update, change));
        }
    }

    private void show(SyncStatus told) {
        if (told == SyncStatus.IN_SYNC) {
            bar.draw(progressLine(ProgressBar.bar(1)), true);
            expected = set.size();
            complete = true;
            say("in sync: " + set);
        } else if (complete) {
            since = clock.getAsLong();
            received = 0;
            say(told == SyncStatus.RESYNC ? "resync: what was told may be old" : "the datastore is away");
        }
        status = told;
    }

    private void say(String line) {
        bar.close();
        out.println(line);
        out.flush();
    }

    private void progress() {
        long now = clock.getAsLong();
        if (now - drawn >= GLANCE_NANOS) {
            drawn = now;
            bar.draw(
                    progressLine(expected > 0 ? ProgressBar.bar(share()) : ProgressBar.moving(now / GLANCE_NANOS)),
                    false);
        }
    }

    /** No server says how much there will be; it should be as much as last time. */
    private double share() {
        return Math.min(1, (double) received / expected);
    }

    private String progressLine(String drawing) {
        double seconds = Math.max(1, clock.getAsLong() - since) / 1e9;
        return String.format(
                Locale.ROOT,
                "snapshot [%s] %d entries  %.1f MiB  %.0f entries/s  %.1f s",
                drawing,
                received,
                set.bytes() / MIB,
                received / seconds,
                seconds);
    }

    private static String line(SyncUpdate update, ReceivedSet.Change change) {
        String key = Printable.text(update.key());
        return change == ReceivedSet.Change.REMOVED
                ? "- " + key
                : (change == ReceivedSet.Change.ADDED ? "+ " : "~ ") + key + " = " + excerpt(update.value());
    }

    private static String excerpt(@Nullable ByteString value) {
        byte[] bytes = value == null ? new byte[0] : value.toByteArray();
        String text = Printable.utf8(bytes);
        if (text == null) {
            return bytes.length + " bytes";
        }
        String line = Printable.text(text.strip());
        return line.length() <= EXCERPT ? line : line.substring(0, EXCERPT) + "...";
    }
}
