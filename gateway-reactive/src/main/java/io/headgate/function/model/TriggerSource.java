package io.headgate.function.model;

import java.util.HashSet;
import java.util.Set;

/** What a path of a trigger must be. */
final class TriggerSource {

    static final int MAX_LENGTH = 1024;
    static final int MAX_SEGMENTS = 64;

    private static final String EXPECTED = "a path of at most " + MAX_LENGTH + " characters and " + MAX_SEGMENTS
            + " segments as requests send it, percent-encoded; a segment may be a parameter like {id}, the last one *";

    private TriggerSource() {}

    static void check(String source) {
        if (!source.startsWith("/") || source.length() > MAX_LENGTH || !isPath(source)) {
            throw Validation.invalid("source", source, EXPECTED);
        }
        String[] segments = source.substring(1).split("/", -1);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < segments.length; i++) {
            boolean isLast = i == segments.length - 1;
            if (segments.length > MAX_SEGMENTS || !isSegment(segments[i], isLast, names)) {
                throw Validation.invalid("source", source, EXPECTED);
            }
        }
    }

    private static boolean isPath(String source) {
        return Validation.isVisible(source) && source.indexOf('?') < 0 && source.indexOf('#') < 0;
    }

    private static boolean isSegment(String segment, boolean isLast, Set<String> names) {
        if (segment.equals("*")) {
            return isLast;
        }
        if (segment.indexOf('{') < 0 && segment.indexOf('}') < 0) {
            return !segment.equals(".") && !segment.equals("..");
        }
        if (segment.length() < 3 || !segment.startsWith("{") || !segment.endsWith("}")) {
            return false;
        }
        String name = segment.substring(1, segment.length() - 1);
        return name.chars().allMatch(c -> c < 128 && Character.isLetterOrDigit(c) || c == '_' || c == '-')
                && names.add(name);
    }
}
