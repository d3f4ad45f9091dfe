package io.headgate.sync.source;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.headgate.discovery.internal.FileStamp;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import io.headgate.sync.internal.Outlet;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.scheduler.Scheduler;

/** Looks at a directory again and again, and tells what has changed since the last time. Blocks; one thread at a time. */
final class DirectoryScan {

    private static final Logger LOG = LoggerFactory.getLogger(DirectoryScan.class);
    private static final int BATCH = 100;

    private final Path directory;
    private final String prefix;
    private final int maxBytes;
    private final Scheduler clock;
    private final LongAdder skipped;
    private final Outlet outlet;

    /** What was told, by key. */
    private final Map<String, Known> told = new HashMap<>();

    /** What is wrong with what is left out. */
    private final Map<Path, String> wrong = new HashMap<>();

    private final List<SyncUpdate> batch = new ArrayList<>();
    private boolean inSync;
    private boolean complained;

    DirectoryScan(Path directory, String prefix, int maxBytes, Scheduler clock, LongAdder skipped, Outlet outlet) {
        this.directory = directory;
        this.prefix = prefix;
        this.maxBytes = maxBytes;
        this.clock = clock;
        this.skipped = skipped;
        this.outlet = outlet;
    }

    void run() {
        try {
            tell(DirectoryWalk.of(directory));
        } catch (IOException | RuntimeException unreadable) {
            away(unreadable);
        }
    }

    private void away(Exception cause) {
        flush(); // what was read is true, whatever happened since
        inSync = false;
        if (!complained && !outlet.isOver()) {
            complained = true;
            LOG.warn("{}: away, what is known stays in force: {}", directory, cause.toString());
        }
        outlet.take(new SyncEvent.Status(SyncStatus.WAIT_FOR_DATASTORE));
    }

    private void tell(DirectoryWalk walk) throws IOException {
        boolean first = !inSync;
        if (first) {
            outlet.take(new SyncEvent.Status(SyncStatus.RESYNC));
        }
        Set<String> there = new HashSet<>();
        Set<Path> bad = new HashSet<>();
        walk.unreadable().forEach((path, reason) -> skip(bad, path, reason));
        for (Map.Entry<Path, FileStamp> file : walk.files().entrySet()) {
            String key = prefix + DirectoryWalk.key(directory, file.getKey());
            if (read(key, file.getKey(), file.getValue(), bad)) {
                there.add(key);
            }
        }
        walk.confirm();
        forget(there, walk.unreadable().keySet());
        wrong.keySet().retainAll(bad);
        flush();
        inSync = true;
        if (first) {
            complained = false;
            LOG.info("{}: current, {} files", directory, told.size());
            outlet.take(new SyncEvent.Status(SyncStatus.IN_SYNC));
        }
        outlet.take(new SyncEvent.Heard(Instant.ofEpochMilli(clock.now(TimeUnit.MILLISECONDS))));
    }

    /** Reads a file unless it is as it was, and says whether it is still there. */
    private boolean read(String key, Path file, FileStamp stamp, Set<Path> bad) {
        Known known = told.get(key);
        if (known != null && stamp.equals(known.trusted())) {
            return true;
        }
        try {
            if (stamp.size() > maxBytes) {
                skip(bad, file, tooLarge());
                return true;
            }
            // before it is read, so that it is read again if it changes meanwhile
            FileStamp trusted = stamp.isTooFreshAt(System.currentTimeMillis()) ? null : stamp;
            byte[] content = content(file);
            if (content.length > maxBytes) {
                skip(bad, file, tooLarge());
            } else {
                changed(key, known, file, trusted, content);
            }
            return true;
        } catch (NoSuchFileException gone) {
            return false;
        } catch (IOException | RuntimeException unreadable) {
            skip(bad, file, unreadable.toString());
            return true;
        }
    }

    private String tooLarge() {
        return "more than " + maxBytes + " bytes (expected: at most that)";
    }

    private byte[] content(Path file) throws IOException {
        try (InputStream content = Files.newInputStream(file)) {
            return content.readNBytes(maxBytes == Integer.MAX_VALUE ? maxBytes : maxBytes + 1);
        }
    }

    private void changed(String key, @Nullable Known known, Path file, @Nullable FileStamp trusted, byte[] content) {
        String revision = DirectoryWalk.revision(content);
        told.put(key, new Known(file, trusted, revision));
        ByteString value = UnsafeByteOperations.unsafeWrap(content);
        if (known == null) {
            tell(SyncUpdate.added(key, value, revision));
        } else if (!known.revision().equals(revision)) {
            tell(SyncUpdate.changed(key, value, revision));
        }
    }

    /** What is below a directory that could not be listed may still be there. */
    private void forget(Set<String> there, Set<Path> unreadable) {
        for (Iterator<Map.Entry<String, Known>> entries = told.entrySet().iterator(); entries.hasNext(); ) {
            Map.Entry<String, Known> entry = entries.next();
            Path file = entry.getValue().file();
            if (!there.contains(entry.getKey()) && unreadable.stream().noneMatch(file::startsWith)) {
                entries.remove();
                tell(SyncUpdate.deleted(entry.getKey(), ""));
            }
        }
    }

    private void skip(Set<Path> bad, Path path, String reason) {
        bad.add(path);
        if (!reason.equals(wrong.put(path, reason)) && !outlet.isOver()) {
            skipped.increment();
            LOG.warn("{}: left out, what is known of it stays in force: {}", path, reason);
        }
    }

    private void tell(SyncUpdate update) {
        batch.add(update);
        if (batch.size() == BATCH) {
            flush();
        }
    }

    private void flush() {
        if (!batch.isEmpty()) {
            outlet.take(new SyncEvent.Updates(batch));
            batch.clear();
        }
    }

    /**
     * A file that was told.
     *
     * @param trusted what it looked like when it was read; null when it could have changed since without looking otherwise
     * @param revision made of what was told
     */
    private record Known(Path file, @Nullable FileStamp trusted, String revision) {}
}
