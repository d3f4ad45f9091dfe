package io.headgate.samples;

import io.headgate.http.ExchangeObserver;
import io.headgate.http.HttpExchange;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import java.io.PrintWriter;
import java.net.SocketAddress;
import java.util.Locale;
import java.util.concurrent.LinkedTransferQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Prints a line for each exchange when it is over. An event stream: lines that the printer cannot keep up with are
 * dropped, and their number is printed.
 */
final class AccessLog implements ExchangeObserver.Factory, AutoCloseable {

    private static final int MAX_WAITING = 8192;
    private static final String END = new String("end"); // told from lines by identity

    private final LinkedTransferQueue<String> lines = new LinkedTransferQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final AtomicInteger dropped = new AtomicInteger();
    private final PrintWriter out;
    private final Thread printer = new Thread(this::print, "access-log");

    private AccessLog(PrintWriter out) {
        this.out = out;
        printer.setDaemon(true);
    }

    static AccessLog start(PrintWriter out) {
        AccessLog log = new AccessLog(out);
        log.printer.start();
        return log;
    }

    @Override
    public ExchangeObserver observe(HttpExchange exchange) {
        return new Entry(exchange);
    }

    /** Called on event loops, so it must not block: this queue locks nothing. */
    private void add(String line) {
        if (waiting.incrementAndGet() > MAX_WAITING) {
            waiting.decrementAndGet();
            dropped.incrementAndGet();
        } else {
            lines.add(line);
        }
    }

    @SuppressWarnings("ReferenceEquality") // END is an object, not a text
    private void print() {
        try {
            for (String line = lines.take(); line != END; line = lines.take()) {
                out.println(line);
                waiting.decrementAndGet();
                int lost = dropped.getAndSet(0);
                if (lost > 0) {
                    out.println("... " + lost + " lines dropped");
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Prints what is waiting and ends. */
    @Override
    public void close() {
        lines.add(END);
        try {
            printer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** One exchange on its way to a line. */
    private final class Entry implements ExchangeObserver {

        private final HttpExchange exchange;
        private final long start = System.nanoTime();
        private int status;

        Entry(HttpExchange exchange) {
            this.exchange = exchange;
        }

        @Override
        public void onReplyHead(ReplyHead head) {
            status = head.status();
        }

        @Override
        public void onEnd(Outcome outcome, @Nullable Throwable cause) {
            SocketAddress client = exchange.connection().remoteAddress();
            add(String.format(
                    Locale.ROOT,
                    "%s \"%s %s %s\" %s %s %.1fms%s",
                    client == null ? "-" : client.toString().replaceFirst("^/", ""),
                    printable(exchange.head().method()),
                    printable(exchange.head().target()),
                    exchange.connection().version(),
                    status == 0 ? "-" : String.valueOf(status),
                    outcome,
                    (System.nanoTime() - start) / 1e6,
                    cause == null ? "" : " (" + cause.getMessage() + ")"));
        }

        /** A refused request may hold anything; a line must stay a line. */
        private static String printable(String text) {
            return text.replaceAll("[^\\x21-\\x7e]|\"", "?");
        }
    }
}
