package io.headgate.benchmarks.sync;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Tables in Markdown, printed line by line as they come about. */
final class Report {

    void title(String text) {
        System.out.printf("%n### %s%n%n", text);
    }

    void head(String... names) {
        row((Object[]) names);
        System.out.println(Arrays.stream(names).map(name -> "---").collect(Collectors.joining(" | ", "| ", " |")));
    }

    void row(Object... cells) {
        System.out.println(Arrays.stream(cells).map(Report::text).collect(Collectors.joining(" | ", "| ", " |")));
    }

    void say(String text) {
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
