package io.headgate.admin.internal;

import io.netty.handler.codec.http.QueryStringDecoder;
import java.time.DateTimeException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The parameters of a request. What is wrong with one of them is a {@link Problem} that names it. */
public final class Query {

    private static final Pattern SHORT = Pattern.compile("([0-9]{1,9})(ms|s|m|h)");
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}");
    private static final int MOST = 256;

    private final Map<String, List<String>> parameters;

    private Query(Map<String, List<String>> parameters) {
        this.parameters = parameters;
    }

    /** The query of a target. */
    static Query of(String target) {
        try {
            QueryStringDecoder decoder = new QueryStringDecoder(target, true);
            Map<String, List<String>> parsed = new LinkedHashMap<>(decoder.parameters());
            if (parsed.values().stream().mapToInt(List::size).sum() > MOST) {
                throw new Problem(400, "query: more than " + MOST + " parameters (expected: fewer)");
            }
            return new Query(parsed);
        } catch (IllegalArgumentException e) {
            throw new Problem(400, "query: " + e.getMessage() + " (expected: percent-encoded UTF-8)");
        }
    }

    /** Refuses parameters that nobody would look at: a misspelt one must not pass for one that is not there. */
    public void only(String... known) {
        only(Set.of(known));
    }

    /** The same for a set. */
    public void only(Set<String> known) {
        for (String name : parameters.keySet()) {
            if (!known.contains(name)) {
                throw Problem.parameter(
                        name,
                        String.join(", ", all(name)),
                        known.isEmpty() ? "no parameters here" : "a parameter of " + new TreeSet<>(known));
            }
        }
    }

    /** All values, in order. */
    public List<String> all(String name) {
        return parameters.getOrDefault(name, List.of());
    }

    /** The one value; null when it is not there. */
    public @Nullable String one(String name) {
        List<String> values = all(name);
        if (values.size() > 1) {
            throw Problem.parameter(name, String.join(", ", values), "one value");
        }
        return values.isEmpty() ? null : values.get(0);
    }

    /** The one value. */
    public String required(String name, String expected) {
        String value = one(name);
        if (value == null || value.isEmpty()) {
            throw Problem.parameter(name, value == null ? "missing" : "empty", expected);
        }
        return value;
    }

    /** A number of a range. */
    public long number(String name, long otherwise, long least, long most) {
        String value = one(name);
        if (value == null) {
            return otherwise;
        }
        long number = NUMBER.matcher(value).matches() ? Long.parseLong(value) : least - 1;
        if (number < least || number > most) {
            throw Problem.parameter(name, value, least + ".." + most);
        }
        return number;
    }

    /** {@code true} or {@code false}; the bare name is true. */
    public boolean flag(String name) {
        String value = one(name);
        if (value == null || value.equals("false")) {
            return false;
        }
        if (value.isEmpty() || value.equals("true")) {
            return true;
        }
        throw Problem.parameter(name, value, "true or false");
    }

    /** A time such as {@code 10s}. */
    public Duration time(String name, Duration otherwise, Duration longest) {
        String value = one(name);
        if (value == null) {
            return otherwise;
        }
        Duration time = time(value);
        if (time == null || time.isNegative() || time.compareTo(longest) > 0) {
            throw Problem.parameter(
                    name, value, "a time such as 250ms, 30s, 5m, 1h or PT30S, up to " + longest.toHours() + "h");
        }
        return time;
    }

    private static @Nullable Duration time(String value) {
        Matcher matcher = SHORT.matcher(value);
        if (!matcher.matches()) {
            try {
                return Duration.parse(value);
            } catch (DateTimeException e) {
                return null;
            }
        }
        long count = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            default -> Duration.ofHours(count);
        };
    }
}
