package io.headgate.samples.rpc;

import io.headgate.rpc.stream.Progress;
import io.headgate.rpc.stream.ProgressReport;
import io.netty.buffer.ByteBuf;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** How far a stream is: on a terminal a line that changes, elsewhere a line at its end. */
public final class ProgressBar implements AutoCloseable {

    private static final Duration GLANCE = Duration.ofMillis(200);
    private static final int WIDTH = 24;
    private static final String MARK = "<=>";
    private static final double MIB = 1 << 20;

    private final PrintWriter out;
    private final boolean terminal;
    private final Disposable.Swap watching = Disposables.swap();
    private boolean drawn; // guarded by this

    /**
     * A bar that shows nothing yet.
     *
     * @param out where to
     * @param terminal whether that can change a line
     */
    public ProgressBar(PrintWriter out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /**
     * Shows a stream, or what is left of one.
     *
     * @param name what it is
     * @param begun how many bytes there are already
     * @param total how many there will be
     * @param bytes the rest
     * @return the same; passes ownership of its buffers
     */
    public Flux<ByteBuf> of(String name, long begun, long total, Flux<ByteBuf> bytes) {
        return Flux.defer(() -> {
            Progress progress = Progress.create().expecting(total - begun);
            watching.update(progress.reports(GLANCE)
                    .publishOn(Schedulers.boundedElastic())
                    .doOnNext(report -> show(name, begun, total, report))
                    .onErrorResume(told -> Mono.empty()) // by who has the stream
                    .subscribe());
            return progress.apply(bytes);
        });
    }

    private void show(String name, long begun, long total, ProgressReport report) {
        draw(line(name, begun, total, report), report.isLast());
    }

    /**
     * Shows a line that somebody else has made.
     *
     * @param line in place of the one before
     * @param last whether there will be no other: the only one that is printed where lines cannot be changed
     */
    public synchronized void draw(String line, boolean last) {
        if (terminal) {
            out.print("\r\u001b[K" + line);
            out.flush();
            drawn = true;
        } else if (last) {
            out.println(line);
        }
    }

    /** For example {@code a.bin  45 % [===========>            ]  460.8 of 1024.0 MiB  312.5 MiB/s  0:02 left}. */
    static String line(String name, long begun, long total, ProgressReport report) {
        long done = begun + report.bytes();
        double share = total <= 0 ? 1 : Math.min(1.0, (double) done / total);
        double rate = report.isLast() ? report.average() : report.rate();
        return String.format(
                Locale.ROOT,
                "%s %3d %% [%s] %.1f of %.1f MiB  %.1f MiB/s  %s",
                name,
                (int) (share * 100),
                bar(share),
                done / MIB,
                total / MIB,
                rate / MIB,
                time(total - done, rate, report));
    }

    /**
     * The bar alone, without its ends.
     *
     * @param share 0 to 1
     * @return 24 characters
     */
    public static String bar(double share) {
        int full = (int) (share * WIDTH);
        return "=".repeat(full) + (full < WIDTH ? ">" : "") + " ".repeat(Math.max(0, WIDTH - full - 1));
    }

    /**
     * A mark that goes back and forth, for what nobody knows the end of.
     *
     * @param step how often it has moved
     * @return 24 characters
     */
    public static String moving(long step) {
        int room = WIDTH - MARK.length();
        int at = (int) Math.abs(Math.floorMod(step, 2L * room) - room);
        return " ".repeat(at) + MARK + " ".repeat(room - at);
    }

    private static String time(long left, double rate, ProgressReport report) {
        if (report.isLast()) {
            return String.format(Locale.ROOT, "in %.1f s", report.elapsed().toMillis() / 1e3);
        }
        if (rate < 1) {
            return "-:-- left";
        }
        long seconds = Math.round(left / rate);
        return seconds / 60 + String.format(Locale.ROOT, ":%02d left", seconds % 60);
    }

    /** Leaves the last line standing. */
    @Override
    public synchronized void close() {
        if (drawn) {
            out.println();
            drawn = false;
        }
    }
}
