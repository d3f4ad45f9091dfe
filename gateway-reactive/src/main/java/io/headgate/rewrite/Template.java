package io.headgate.rewrite;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.ArrayList;
import java.util.List;

/**
 * What a match is replaced by: text with {@code $1} or <code>${name}</code> for what groups matched, and {@code $$} for a
 * dollar sign. References are resolved when it is built, so a mistake shows then.
 */
final class Template {

    /** Text, or when it is empty a group. */
    private record Part(String text, int group) {}

    private final List<Part> parts = new ArrayList<>();
    private final String source;

    private Template(String source) {
        this.source = source;
    }

    static Template of(String source, Pattern pattern) {
        Template template = new Template(source);
        StringBuilder text = new StringBuilder();
        int at = 0;
        while (at < source.length()) {
            char c = source.charAt(at++);
            if (c != '$') {
                text.append(c);
            } else if (at < source.length() && source.charAt(at) == '$') {
                text.append('$');
                at++;
            } else {
                int end = template.referenceEnd(at);
                template.text(text);
                template.parts.add(new Part("", template.group(source.substring(at, end), pattern)));
                at = end;
            }
        }
        template.text(text);
        return template;
    }

    private void text(StringBuilder text) {
        if (!text.isEmpty()) {
            parts.add(new Part(text.toString(), 0));
            text.setLength(0);
        }
    }

    private int referenceEnd(int start) {
        int end = start;
        if (start < source.length() && source.charAt(start) == '{') {
            end = source.indexOf('}', start) + 1;
        } else if (start < source.length() && Character.digit(source.charAt(start), 10) >= 0) {
            end = start + 1; // one digit, so that text may follow
        }
        if (end <= start) {
            throw bad("$1, ${name} or $$ after a dollar sign");
        }
        return end;
    }

    private int group(String reference, Pattern pattern) {
        if (!reference.startsWith("{")) {
            int group = Character.digit(reference.charAt(0), 10);
            if (group > pattern.groupCount()) {
                throw bad("groups 0 to " + pattern.groupCount() + " of " + pattern);
            }
            return group;
        }
        Integer named = pattern.namedGroups().get(reference.substring(1, reference.length() - 1));
        if (named == null) {
            throw bad("one of the named groups " + pattern.namedGroups().keySet() + " of " + pattern);
        }
        return named;
    }

    private IllegalArgumentException bad(String expected) {
        return new IllegalArgumentException("replacement: " + source + " (expected: " + expected + ")");
    }

    /** The text for a match; a group that took no part is empty. */
    String expand(Matcher matcher) {
        StringBuilder result = new StringBuilder();
        for (Part part : parts) {
            if (!part.text.isEmpty()) {
                result.append(part.text);
            } else {
                String matched = matcher.group(part.group);
                result.append(matched == null ? "" : matched);
            }
        }
        return result.toString();
    }

    @Override
    public String toString() {
        return source;
    }
}
