package io.headgate.sync.source;

import io.headgate.discovery.internal.DirectoryWatch;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.internal.Outlet;
import io.headgate.sync.internal.StateStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A directory of files as a set, told as a <i>state stream</i>. The key of a file is its path below the directory, {@code /shop/orders} for
 * {@code shop/orders}, its value is its content, and its revision is made of its content, so that two who read the same files say the same.
 * In the parts of a key {@code %} is written {@code %25} and {@code /} is written {@code %2f}.
 *
 * <pre>
 * Flux&lt;SyncEvent&gt; events = SyncDirectory.of(Path.of("/etc/routes")).withPrefix("/routes").events();
 * </pre>
 *
 * <p>The directory is watched, with all that are below it, and looked at every now and then, in case the watch sees nothing. Links are
 * followed. What begins with a dot is left out, and what ends with a tilde: editors keep copies there, and Kubernetes its versions.
 * Files should be replaced by renaming; of one that is written in place a half may be told before the whole.
 *
 * <p>A directory that is not there is waited for; what is known stays, and what has vanished is deleted when it is back. A file that cannot be
 * read, or is too large, keeps the value that it had when it could, and so does all that is in a directory that cannot be listed;
 * both are {@linkplain #skipped counted} and logged.
 *
 * <p><b>Threading.</b> Immutable. Each subscriber has the files read for itself, on the scheduler, where it is told as well; the watch has a
 * daemon thread. Behind a server, or a {@link SyncStore}, they are read once for all.
 *
 * <p><b>Cancellation.</b> Ends the watch and the waits.
 */
public final class SyncDirectory {

    /** How often a directory is looked at when nothing is heard of it. */
    public static final Duration INTERVAL = Duration.ofSeconds(5);

    /** A larger file is taken for a mistake. */
    public static final int MAX_BYTES = 1024 * 1024;

    private final Path directory;
    private final String prefix;
    private final Duration interval;
    private final boolean watched;
    private final int maxBytes;
    private final Scheduler scheduler;
    private final LongAdder skipped;

    private SyncDirectory(
            Path directory,
            String prefix,
            Duration interval,
            boolean watched,
            int maxBytes,
            Scheduler scheduler,
            LongAdder skipped) {
        if (interval.isNegative() || interval.isZero()) {
            throw new IllegalArgumentException("interval: " + interval + " (expected: above zero)");
        }
        if (maxBytes < 1) {
            throw new IllegalArgumentException("maxBytes: " + maxBytes + " (expected: 1 or more)");
        }
        this.directory = directory;
        this.prefix = Objects.requireNonNull(prefix, "prefix");
        this.interval = interval;
        this.watched = watched;
        this.maxBytes = maxBytes;
        this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
        this.skipped = skipped;
    }

    /**
     * The files of a directory, which is watched and looked at every {@link #INTERVAL}.
     *
     * @param directory need not be there yet
     * @return the source
     */
    public static SyncDirectory of(Path directory) {
        return new SyncDirectory(
                directory.toAbsolutePath(),
                "",
                INTERVAL,
                true,
                MAX_BYTES,
                Schedulers.boundedElastic(),
                new LongAdder());
    }

    /**
     * A copy whose keys begin with something.
     *
     * @param changed stands before each key as it is
     * @return the copy
     */
    public SyncDirectory withPrefix(String changed) {
        return new SyncDirectory(directory, changed, interval, watched, maxBytes, scheduler, skipped);
    }

    /**
     * A copy that looks at the directory more or less often.
     *
     * @param changed how often; above zero
     * @return the copy
     */
    public SyncDirectory withInterval(Duration changed) {
        return new SyncDirectory(directory, prefix, changed, watched, maxBytes, scheduler, skipped);
    }

    /**
     * A copy that only looks at the directory, for file systems that report no changes.
     *
     * @return the copy
     */
    public SyncDirectory withoutWatch() {
        return new SyncDirectory(directory, prefix, interval, false, maxBytes, scheduler, skipped);
    }

    /**
     * A copy that takes larger or only smaller files.
     *
     * @param changed the most bytes; 1 or more
     * @return the copy
     */
    public SyncDirectory withMaxBytes(int changed) {
        return new SyncDirectory(directory, prefix, interval, watched, changed, scheduler, skipped);
    }

    /**
     * A copy that reads elsewhere.
     *
     * @param changed runs waits and reads; must bear blocking calls
     * @return the copy
     */
    public SyncDirectory withScheduler(Scheduler changed) {
        return new SyncDirectory(directory, prefix, interval, watched, maxBytes, changed, skipped);
    }

    /**
     * The files, then what changes.
     *
     * @return a state stream that never ends; cancelling is the only way out
     */
    public Flux<SyncEvent> events() {
        return StateStream.of(this::follow);
    }

    /**
     * How often a file or a directory was left out because it could not be read or was too large. One that stays so counts once.
     *
     * @return the count of this source and of all its copies
     */
    public long skipped() {
        return skipped.sum();
    }

    private Disposable follow(Outlet outlet) {
        DirectoryScan scan = new DirectoryScan(directory, prefix, maxBytes, scheduler, skipped, outlet);
        Flux<Long> hints = watched ? DirectoryWatch.deep(directory).hints(interval, scheduler) : Flux.never();
        return Flux.merge(Flux.interval(Duration.ZERO, interval, scheduler), hints)
                .onBackpressureLatest()
                .publishOn(scheduler, 1)
                .subscribe(tick -> scan.run(), outlet::fail);
    }

    @Override
    public String toString() {
        return "files of " + directory;
    }
}
