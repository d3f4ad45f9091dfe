package io.headgate.function.api;

import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import java.util.List;
import java.util.Locale;

/** Chooses between media types by what a client accepts (RFC 9110 section 12.5.1). */
final class MediaChoice {

    /** How well a range fits: its quality, then how exactly it names the type. */
    private record Fit(double quality, int exact) {

        static final Fit NONE = new Fit(0, 0);
    }

    private MediaChoice() {}

    /** The one that is liked best, and the first of those that are liked as much. */
    static String of(List<String> accept, String... types) {
        List<String> ranges = accept.isEmpty()
                ? List.of("*/*")
                : List.of(String.join(",", accept).split(",", -1));
        String chosen = null;
        Fit best = Fit.NONE;
        for (String type : types) {
            Fit fit = fit(ranges, type);
            if (fit.quality > best.quality
                    || fit.quality == best.quality && fit.exact > best.exact && fit.quality > 0) {
                chosen = type;
                best = fit;
            }
        }
        if (chosen == null) {
            throw new FunctionException(
                    ErrorKind.NOT_ACCEPTABLE,
                    "accept: " + Shown.text(String.join(", ", accept)) + " (expected: " + String.join(" or ", types)
                            + ")");
        }
        return chosen;
    }

    private static Fit fit(List<String> ranges, String type) {
        Fit fit = Fit.NONE;
        for (String range : ranges) {
            String[] parts = range.toLowerCase(Locale.ROOT).split(";", -1);
            int exact = exact(parts[0].strip(), type);
            if (exact > fit.exact) { // the most exact range alone says how much a type is liked
                fit = new Fit(quality(parts), exact);
            }
        }
        return fit;
    }

    private static int exact(String range, String type) {
        if (range.equals(type)) {
            return 3;
        }
        if (range.equals(type.substring(0, type.indexOf('/')) + "/*")) {
            return 2;
        }
        return range.equals("*/*") ? 1 : 0;
    }

    private static double quality(String[] parts) {
        for (int i = 1; i < parts.length; i++) {
            String parameter = parts[i].strip();
            if (parameter.matches("q=[01](\\.[0-9]{0,3})?")) {
                return Double.parseDouble(parameter.substring(2));
            }
        }
        return 1;
    }
}
