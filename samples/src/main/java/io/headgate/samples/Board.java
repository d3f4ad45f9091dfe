package io.headgate.samples;

import java.io.Console;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Lines, and on a terminal a table below them that is drawn again in its place. One thread prints, so anybody may say something, event
 * loops too.
 */
final class Board implements AutoCloseable {

    private static final long REDRAW_MILLIS = 250;
    private static final long LONGEST_PRINT_SECONDS = 10;

    private final PrintWriter out;
    private final boolean terminal;
    private final Supplier<List<String>> table;
    private final ScheduledExecutorService printer = Executors.newSingleThreadScheduledExecutor(Board::thread);
    private final AtomicBoolean closed = new AtomicBoolean();
    private int drawn; // lines of the table on the terminal

    /**
     * Starts with the first look at the table.
     *
     * @param out where to
     * @param terminal whether that can move its cursor
     * @param table is asked a few times each second
     */
    Board(PrintWriter out, boolean terminal, Supplier<List<String>> table) {
        this.out = out;
        this.terminal = terminal;
        this.table = table;
        printer.scheduleWithFixedDelay(this::redraw, 0, REDRAW_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Whether somebody looks at the output of this process. */
    static boolean isTerminal() {
        Console console = System.console();
        if (console == null) {
            return false;
        }
        try {
            return (boolean) Console.class.getMethod("isTerminal").invoke(console);
        } catch (ReflectiveOperationException e) {
            return true; // before JDK 22 there is no console but a terminal
        }
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "board");
        thread.setDaemon(true);
        return thread;
    }

    /** Prints a line; after the close it is dropped, because endpoints end later than the table that they are in. */
    void say(String line) {
        try {
            printer.execute(() -> {
                erase();
                out.println(line);
                draw();
            });
        } catch (RejectedExecutionException e) {
            return; // closed meanwhile
        }
    }

    private void redraw() {
        List<String> lines = table.get(); // looked at without a terminal too: who changes says so then
        if (terminal) {
            erase();
            draw(lines);
        }
    }

    private void draw() {
        if (terminal) {
            draw(table.get());
        }
    }

    private void draw(List<String> lines) {
        lines.forEach(out::println);
        drawn = lines.size();
    }

    private void erase() {
        if (drawn > 0) {
            out.print("\u001b[" + drawn + "F\u001b[J");
            drawn = 0;
        }
    }

    /** Prints what was said until now, and the table for the last time. Closing it again changes nothing. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        printer.execute(() -> {
            erase();
            out.println();
            table.get().forEach(out::println);
            out.flush();
        });
        printer.shutdown();
        try {
            if (!printer.awaitTermination(LONGEST_PRINT_SECONDS, TimeUnit.SECONDS)) {
                printer.shutdownNow();
            }
        } catch (InterruptedException e) {
            printer.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
