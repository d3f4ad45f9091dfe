package io.headgate.benchmarks;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Tables in Markdown, printed line by line as they come about. */
public final class Report {

    /**
     * Begins a section.
     *
     * @param text its title
     */
    public void title(String text) {
        System.out.printf("%n### %s%n%n", text);
    }

    /**
     * Begins a table.
     *
     * @param names of its columns
     */
    public void head(String... names) {
        row((Object[]) names);
        System.out.println(Arrays.stream(names).map(name -> "---").collect(Collectors.joining(" | ", "| ", " |")));
    }

    /**
     * One row; numbers get as many digits as they need.
     *
     * @param cells of the row
     */
    public void row(Object... cells) {
        System.out.println(Arrays.stream(cells).map(Report::text).collect(Collectors.joining(" | ", "| ", " |")));
    }

    /**
     * A paragraph.
     *
     * @param text of the paragraph
     */
    public void say(String text) {
        System.out.printf("%n%s%n", text);
    }

    private static String text(Object cell) {
        if (!(cell instanceof Number number)) {
            return String.valueOf(cell);
        }
        if (cell instanceof Double) {
            double value = number.doubleValue();
            return String.format(Locale.ROOT, value < 10 ? "%.2f" : value < 1000 ? "%.1f" : "%,.0f", value);
        }
        return String.format(Locale.ROOT, "%,d", number.longValue());
    }
}
