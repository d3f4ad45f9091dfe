package io.headgate.route;

import io.headgate.GatewayException;
import io.headgate.http.RequestSyntax;
import io.headgate.mux.internal.PathRules;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * The paths of a route, taken apart.
 *
 * @param shape all that decides about a match
 * @param names the names of the parameters, in order
 */
record PathPattern(Shape shape, List<String> names) {

    /** Bounds how deep an index gets. */
    static final int MAX_SEGMENTS = 64;

    private static final PathRules RULES = new PathRules(false, true);
    private static final String EXPECTED_TEMPLATE =
            "segments of text, parameters such as {id}, and {rest...} at the end of a template";

    /** What may follow the segments; in order of precedence. */
    enum End {
        /** Nothing. */
        FULL,
        /** A slash and anything. */
        REST,
        /** Nothing, or a slash and anything. */
        PREFIX,
        /** The path does not matter at all. */
        ANY
    }

    /** A part of a path between slashes; a parameter has no text. */
    record Segment(boolean isParameter, String text) {}

    /** Without names: two patterns of one shape match the same paths. */
    record Shape(List<Segment> segments, End end) {

        /** In the order of these characters patterns that match the same path are more or less specific. */
        String rank() {
            StringBuilder rank = new StringBuilder();
            segments.forEach(segment -> rank.append(segment.isParameter ? 'P' : 'L'));
            return rank.append(
                            switch (end) {
                                case FULL -> 'A';
                                case REST -> 'R';
                                case PREFIX -> 'X';
                                case ANY -> 'Y';
                            })
                    .toString();
        }
    }

    static PathPattern of(PathMatch match) {
        if (match instanceof PathMatch.Exact exact) {
            return parse(exact.path(), false, End.FULL);
        }
        if (match instanceof PathMatch.Template template) {
            return parse(template.template(), true, End.FULL);
        }
        if (match instanceof PathMatch.Prefix prefix) {
            String text = prefix.template();
            if (text.equals("/")) {
                return new PathPattern(new Shape(List.of(), End.PREFIX), List.of());
            }
            if (text.endsWith("/")) {
                throw bad(text, "a prefix without a slash at its end");
            }
            return parse(text, true, End.PREFIX);
        }
        return new PathPattern(new Shape(List.of(), End.ANY), List.of());
    }

    private static PathPattern parse(String text, boolean isTemplate, End end) {
        if (!text.startsWith("/")) {
            throw bad(text, "a slash at its beginning");
        }
        List<Segment> segments = new ArrayList<>();
        List<String> names = new ArrayList<>();
        StringBuilder sample = new StringBuilder();
        End found = end;
        String[] parts = text.substring(1).split("/", -1);
        for (int i = 0; i < parts.length; i++) {
            String part = parts[i];
            boolean isParameter = isTemplate && (part.indexOf('{') >= 0 || part.indexOf('}') >= 0);
            sample.append('/').append(isParameter ? "x" : part);
            boolean isRest = isParameter && part.endsWith("...}");
            if (isParameter) {
                names.add(name(text, part, isRest));
            }
            if (!isRest) {
                segments.add(new Segment(isParameter, isParameter ? "" : part));
            } else if (i < parts.length - 1 || end != End.FULL) {
                throw bad(text, EXPECTED_TEMPLATE);
            } else {
                found = End.REST;
            }
        }
        check(text, sample.toString(), segments, names);
        return new PathPattern(new Shape(List.copyOf(segments), found), List.copyOf(names));
    }

    private static String name(String text, String part, boolean isRest) {
        String name = part.substring(Math.min(1, part.length()), Math.max(1, part.length() - (isRest ? 4 : 1)));
        if (!part.startsWith("{") || !part.endsWith("}") || !isName(name)) {
            throw bad(text, EXPECTED_TEMPLATE);
        }
        return name;
    }

    private static boolean isName(String name) {
        return !name.isEmpty()
                && name.chars().allMatch(c -> c == '_' || c == '-' || c < 128 && Character.isLetterOrDigit(c));
    }

    private static void check(String text, String sample, List<Segment> segments, List<String> names) {
        if (segments.size() > MAX_SEGMENTS) {
            throw bad(text, "at most " + MAX_SEGMENTS + " segments");
        }
        if (new HashSet<>(names).size() < names.size()) {
            throw bad(text, "parameters of different names");
        }
        if (!RequestSyntax.isPath(sample) || sample.indexOf('?') >= 0) {
            throw bad(text, "a path without a query, percent-encoded");
        }
        try {
            String canonical = RULES.canonical(sample);
            if (!canonical.equals(sample)) {
                throw bad(text, "the canonical spelling, here of the form " + canonical);
            }
        } catch (GatewayException e) {
            throw bad(text, String.valueOf(e.getMessage()));
        }
    }

    private static IllegalArgumentException bad(String text, String expected) {
        return new IllegalArgumentException("path: " + Texts.printable(text) + " (expected: " + expected + ")");
    }

    /** What the parameters stand for in a target that matches. */
    PathParameters capture(String target) {
        if (names.isEmpty()) {
            return PathParameters.NONE;
        }
        int end = Texts.pathEnd(target);
        List<String> values = new ArrayList<>(names.size());
        int at = 1;
        for (Segment segment : shape.segments) {
            int stop = Texts.indexOf(target, '/', at, end);
            if (segment.isParameter) {
                values.add(target.substring(at, stop));
            }
            at = stop + 1;
        }
        if (shape.end == End.REST) {
            values.add(target.substring(at, end));
        }
        return new PathParameters(names, List.copyOf(values));
    }

    /** For reports; the index does this by walking a tree. */
    boolean matches(String target) {
        if (shape.end == End.ANY) {
            return true;
        }
        int end = Texts.pathEnd(target);
        if (!target.startsWith("/")) {
            return false;
        }
        int at = 1;
        for (Segment segment : shape.segments) {
            if (at > end) {
                return false;
            }
            int stop = Texts.indexOf(target, '/', at, end);
            boolean matches = segment.isParameter ? stop > at : segment.text.contentEquals(target.substring(at, stop));
            if (!matches) {
                return false;
            }
            at = stop + 1;
        }
        return shape.end == End.PREFIX || at > end == (shape.end == End.FULL);
    }
}
