package io.headgate.admin.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a client would like to get (RFC 9110 section 12.5.1). */
final class Accept {

    /** A type with parameters, as one side names it. */
    private record Media(String type, Map<String, String> parameters, double quality) {

        static Media parse(String text) {
            String[] parts = text.split(";", -1);
            Map<String, String> parameters = new HashMap<>();
            double quality = 1;
            for (int i = 1; i < parts.length; i++) {
                int equals = parts[i].indexOf('=');
                if (equals > 0) {
                    String name = lower(parts[i].substring(0, equals));
                    String value = lower(parts[i].substring(equals + 1)).replace("\"", "");
                    if (name.equals("q")) {
                        quality = quality(value);
                    } else {
                        parameters.put(name, value);
                    }
                }
            }
            return new Media(lower(parts[0]), parameters, quality);
        }

        private static double quality(String value) {
            try {
                double quality = Double.parseDouble(value);
                return quality >= 0 && quality <= 1 ? quality : 0;
            } catch (NumberFormatException e) {
                return 0;
            }
        }

        private static String lower(String text) {
            return text.trim().toLowerCase(Locale.ROOT);
        }

        /** How exactly this range is about a type; 0 when it is not. A parameter that the type does not have decides nothing. */
        int fits(Media offered) {
            if (type.equals("*/*")) {
                return 1;
            }
            if (type.endsWith("/*")) {
                return offered.type.startsWith(type.substring(0, type.length() - 1)) ? 2 : 0;
            }
            if (!type.equals(offered.type)) {
                return 0;
            }
            int exact = 3;
            for (Map.Entry<String, String> parameter : parameters.entrySet()) {
                String own = offered.parameters.get(parameter.getKey());
                if (own != null && !own.equals(parameter.getValue())) {
                    return 0;
                }
                exact += own == null ? 0 : 1;
            }
            return exact;
        }
    }

    private final List<Media> ranges = new ArrayList<>();

    /** Everything when the field is not there. */
    Accept(@Nullable String field) {
        if (field != null && !field.isBlank()) {
            for (String range : field.split(",", -1)) {
                ranges.add(Media.parse(range));
            }
        }
    }

    /** The offer that is liked best, the first one among equals; null when none is liked. */
    @Nullable String choose(List<String> offers) {
        if (ranges.isEmpty()) {
            return offers.get(0);
        }
        String best = null;
        double liked = 0;
        for (String offer : offers) {
            double quality = quality(Media.parse(offer));
            if (quality > liked) {
                liked = quality;
                best = offer;
            }
        }
        return best;
    }

    private double quality(Media offered) {
        double quality = 0;
        int closest = 0;
        for (Media range : ranges) {
            int fits = range.fits(offered);
            if (fits > closest) {
                closest = fits;
                quality = range.quality;
            }
        }
        return quality;
    }
}
