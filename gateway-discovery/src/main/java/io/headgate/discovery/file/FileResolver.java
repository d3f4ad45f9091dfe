package io.headgate.discovery.file;

import io.headgate.discovery.internal.DirectoryWatch;
import io.headgate.discovery.internal.Documents;
import io.headgate.discovery.internal.Reading;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Resolver;
import io.headgate.resolve.SourceObserver;
import io.headgate.resolve.Update;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import reactor.core.publisher.Flux;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Endpoints from an {@link io.headgate.discovery.EndpointDocument} in a file. Its streams are <i>state streams</i>; they never fail.
 *
 * <p>The directory of the file is watched, so that a file that is replaced by renaming, or by swapping the link of its directory as
 * Kubernetes does, is read soon; and the file is looked at every now and then, in case the watch sees nothing. It is read once for all
 * names, while anybody wants to know about one.
 *
 * <p>A file that makes no sense leaves what is known in force, and so does one that has gone: the observer is told, and a warning is
 * logged. One that has never been there knows no name, so that {@link Resolver#orElse} asks elsewhere; one that makes no sense from
 * the start tells nothing.
 *
 * <p><b>Threading.</b> Immutable. Files are read, and subscribers told, on the scheduler; the watch has a daemon thread.
 *
 * <p><b>Cancellation.</b> The last one ends the watch.
 */
public final class FileResolver implements Resolver {

    /** How often a file is looked at when nothing is heard of it. */
    public static final Duration INTERVAL = Duration.ofSeconds(5);

    /** A larger file is taken for a mistake. */
    public static final int MAX_BYTES = 32 * 1024 * 1024;

    private final Path file;
    private final Duration interval;
    private final boolean watched;
    private final int maxBytes;
    private final Scheduler scheduler;
    private final SourceObserver observer;
    private final Documents documents;

    private FileResolver(
            Path file, Duration interval, boolean watched, int maxBytes, Scheduler scheduler, SourceObserver observer) {
        if (interval.isNegative() || interval.isZero()) {
            throw new IllegalArgumentException("interval: " + interval + " (expected: above zero)");
        }
        if (maxBytes < 1) {
            throw new IllegalArgumentException("maxBytes: " + maxBytes + " (expected: 1 or more)");
        }
        this.file = file;
        this.interval = interval;
        this.watched = watched;
        this.maxBytes = maxBytes;
        this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
        this.observer = Objects.requireNonNull(observer, "observer");
        this.documents = new Documents(file.toString(), readings(), observer);
    }

    /**
     * Endpoints from a file, which is watched and looked at every {@link #INTERVAL}.
     *
     * @param file the document; need not be there yet
     * @return the resolver
     */
    public static FileResolver of(Path file) {
        return new FileResolver(
                file.toAbsolutePath(), INTERVAL, true, MAX_BYTES, Schedulers.boundedElastic(), SourceObserver.NONE);
    }

    /**
     * A copy that looks at the file more or less often.
     *
     * @param changed how often; above zero
     * @return the copy
     */
    public FileResolver withInterval(Duration changed) {
        return new FileResolver(file, changed, watched, maxBytes, scheduler, observer);
    }

    /**
     * A copy that only looks at the file, for file systems that report no changes.
     *
     * @return the copy
     */
    public FileResolver withoutWatch() {
        return new FileResolver(file, interval, false, maxBytes, scheduler, observer);
    }

    /**
     * A copy that takes larger or only smaller files.
     *
     * @param changed the most bytes; 1 or more
     * @return the copy
     */
    public FileResolver withMaxBytes(int changed) {
        return new FileResolver(file, interval, watched, changed, scheduler, observer);
    }

    /**
     * A copy that reads elsewhere.
     *
     * @param changed runs waits and reads; must bear blocking calls
     * @return the copy
     */
    public FileResolver withScheduler(Scheduler changed) {
        return new FileResolver(file, interval, watched, maxBytes, changed, observer);
    }

    /**
     * A copy that tells, name by name, whether the file could be read.
     *
     * @param changed is told
     * @return the copy
     */
    public FileResolver withObserver(SourceObserver changed) {
        return new FileResolver(file, interval, watched, maxBytes, scheduler, changed);
    }

    @Override
    public Flux<Update<Endpoint>> resolve(String name) {
        return documents.updates(name);
    }

    private Flux<Reading> readings() {
        return Flux.defer(() -> {
            DocumentFile document = new DocumentFile(file, maxBytes);
            return Flux.merge(Flux.interval(Duration.ZERO, interval, scheduler), hints())
                    .onBackpressureLatest()
                    .publishOn(scheduler, 1)
                    .map(tick -> document.read());
        });
    }

    private Flux<Long> hints() {
        Path directory = file.getParent();
        if (!watched || directory == null) {
            return Flux.never();
        }
        return DirectoryWatch.of(directory).hints(interval, scheduler);
    }

    @Override
    public String toString() {
        return "endpoints of " + file;
    }
}
