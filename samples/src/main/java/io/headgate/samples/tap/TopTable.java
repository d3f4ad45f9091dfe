package io.headgate.samples.tap;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The figures of {@code top} as lines of a table. */
public final class TopTable {

    private static final String LAYOUT = "%-40s %9s %8s %9s %9s %9s %9s %9s %9s";
    private static final int ROUTE = 40;

    private TopTable() {}

    /**
     * Draws the table.
     *
     * @param view what is to be shown
     * @param most how many routes at most; of the others their number is told
     * @return its lines
     */
    public static List<String> lines(TopView view, int most) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(LAYOUT, "route", "rate", "success", "p50", "p95", "p99", "best", "worst", "last"));
        view.rows().stream().limit(most).map(TopTable::line).forEach(lines::add);
        if (view.rows().size() > most) {
            lines.add("... and " + (view.rows().size() - most) + " routes more");
        }
        lines.add("of the last " + seconds(view) + ", " + view.open() + " open");
        if (view.probability() < 1) {
            lines.add(
                    "sampled: " + plain(view.probability() * 100) + " % of the requests; rates are estimates for all");
        }
        if (view.droppedEvents() > 0) {
            lines.add("dropped: " + view.droppedEvents() + " events, the beginning of " + view.droppedExchanges()
                    + " exchanges among them; the figures are too low");
        }
        if (view.forgotten() > 0) {
            lines.add("forgotten: " + view.forgotten() + " exchanges whose end was not seen");
        }
        return lines;
    }

    private static String line(TopRow row) {
        return String.format(
                Locale.ROOT,
                LAYOUT,
                cut(Printable.text(row.route())),
                rate(row.rate()),
                share(row.successes(), row.requests()),
                millis(row.p50()),
                millis(row.p95()),
                millis(row.p99()),
                millis(row.best()),
                millis(row.worst()),
                millis(row.last()));
    }

    private static String cut(String route) {
        return route.length() <= ROUTE ? route : route.substring(0, ROUTE - 3) + "...";
    }

    private static String rate(double perSecond) {
        return String.format(Locale.ROOT, perSecond < 100 ? "%.1f/s" : "%.0f/s", perSecond);
    }

    /** Rounded down, so that 100 % means all. */
    private static String share(long successes, long requests) {
        return requests == 0
                ? "-"
                : String.format(Locale.ROOT, "%.1f%%", Math.floor(1000.0 * successes / requests) / 10);
    }

    private static String millis(long micros) {
        return String.format(Locale.ROOT, micros < 100_000 ? "%.1fms" : "%.0fms", micros / 1e3);
    }

    private static String seconds(TopView view) {
        return plain(view.window().toMillis() / 100 / 10.0) + " s";
    }

    private static String plain(double number) {
        String text = String.format(Locale.ROOT, "%.4f", number);
        return text.replaceFirst("\\.?0+$", "");
    }
}
