package io.headgate.samples;

import io.headgate.samples.tap.TopFigures;
import io.headgate.samples.tap.TopTable;
import io.headgate.tap.TapRequest;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows the routes of a gateway by rate. */
@Command(
        name = "top",
        description = "Shows the routes of a gateway by rate, with success and latency, live.",
        sortOptions = false,
        abbreviateSynopsis = true)
final class TopCommand implements Callable<Integer> {

    private static final Duration SHORTEST = Duration.ofMillis(100);
    private static final Duration LONGEST = Duration.ofHours(1);
    private static final long LONGEST_DRAW_SECONDS = 10;

    @Option(
            names = "--gateway",
            paramLabel = "HOST:PORT",
            required = true,
            description = "Where the gateway serves its tap.")
    private ListenAddress gateway = new ListenAddress("127.0.0.1", 4190);

    @Option(
            names = "--interval",
            paramLabel = "TIME",
            description = "How often to draw anew; figures are of the last ten. Default: 1s.")
    private Duration interval = Duration.ofSeconds(1);

    @Option(names = "--rows", paramLabel = "N", description = "Most routes to show. Default: ${DEFAULT-VALUE}.")
    private int rows = 20;

    @Option(names = "--once", description = "Show the figures of one interval, and end.")
    private boolean once;

    @Mixin
    private final TapOptions options = new TapOptions();

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    private final PrintWriter out;
    private final TapDial dial;

    TopCommand(PrintWriter out, TapDial dial) {
        this.out = out;
        this.dial = dial;
    }

    @Override
    public Integer call() throws InterruptedException {
        checkOptions();
        TapRequest request = options.request();
        TopFigures figures = new TopFigures(options.probability());
        TapWatch watch = new TapWatch(spec);
        Screen screen = new Screen(figures, watch);
        int exitCode;
        try (TapDial.Opened source = dial.open(gateway)) {
            screen.start();
            exitCode = watch.until(source, request, seen -> {
                figures.accept(seen.event());
                return true;
            });
        } finally {
            screen.stop();
        }
        if (exitCode == 0 && !(once && screen.isDrawn())) {
            screen.draw();
        }
        return exitCode;
    }

    private void checkOptions() {
        if (interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0) {
            throw new UserMistake("--interval: " + interval + " (expected: " + SHORTEST + ".." + LONGEST + ")");
        }
        if (rows < 1) {
            throw new UserMistake("--rows: " + rows + " (expected: 1 or more)");
        }
    }

    /** Draws the table at each interval. */
    private final class Screen {

        private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor(Screen::thread);
        private final LiveTable table = new LiveTable(out, Board.isTerminal());
        private final TopFigures figures;
        private final TapWatch watch;
        private long since = System.nanoTime();
        private volatile boolean drawn;

        Screen(TopFigures figures, TapWatch watch) {
            this.figures = figures;
            this.watch = watch;
        }

        private static Thread thread(Runnable work) {
            Thread thread = new Thread(work, "top");
            thread.setDaemon(true);
            return thread;
        }

        void start() {
            since = System.nanoTime();
            long nanos = interval.toNanos();
            clock.scheduleAtFixedRate(this::tick, nanos, nanos, TimeUnit.NANOSECONDS);
        }

        private void tick() {
            draw();
            if (once || out.checkError()) {
                watch.stop();
            }
        }

        void draw() {
            long now = System.nanoTime();
            table.show(TopTable.lines(figures.roll(Duration.ofNanos(now - since)), rows));
            since = now;
            drawn = true;
        }

        boolean isDrawn() {
            return drawn;
        }

        void stop() throws InterruptedException {
            clock.shutdownNow();
            if (!clock.awaitTermination(LONGEST_DRAW_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("the output of top is stuck");
            }
        }
    }
}
