package io.headgate.discovery;

import io.headgate.profile.Profile;
import io.headgate.profile.ProfileRoute;
import io.headgate.profile.RequestMatch;
import io.headgate.profile.ResponseClass;
import io.headgate.profile.ResponseMatch;
import io.headgate.profile.WeightedTarget;
import io.headgate.retry.BudgetSettings;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Reads profiles, and says exactly where one is wrong. */
final class ProfileParser extends JsonReader {

    private static final Set<String> PROFILE = Set.of("routes", "retryBudget", "dstOverrides");
    private static final Set<String> ROUTE = Set.of("name", "condition", "responseClasses", "isRetryable", "timeout");
    private static final Set<String> REQUEST = Set.of("method", "pathRegex", "all", "any", "not");
    private static final Set<String> RESPONSE = Set.of("status", "all", "any", "not");
    private static final int DEEPEST = 64;

    private static final String TIME = "a time such as \"300ms\" or \"1m30s\", at most a day";
    private static final Pattern TIME_PART = Pattern.compile("(\\d{1,9}(?:\\.\\d{1,9})?)(ns|us|ms|s|m|h)");
    private static final Map<String, BigDecimal> UNITS = Map.of(
            "ns", BigDecimal.ONE,
            "us", BigDecimal.valueOf(1_000),
            "ms", BigDecimal.valueOf(1_000_000),
            "s", BigDecimal.valueOf(1_000_000_000),
            "m", BigDecimal.valueOf(60_000_000_000L),
            "h", BigDecimal.valueOf(3_600_000_000_000L));
    private static final BigDecimal LONGEST =
            BigDecimal.valueOf(Duration.ofDays(1).toNanos());

    ProfileParser(String source) {
        super(source);
    }

    Profile parse(byte[] json) {
        JsonNode root = tree(json);
        fields("", root, PROFILE);
        return new Profile(
                list("routes", root.get("routes"), this::route),
                budget("retryBudget", root.get("retryBudget")),
                list("dstOverrides", root.get("dstOverrides"), this::target),
                false,
                null,
                null);
    }

    private ProfileRoute route(String at, JsonNode node) {
        fields(at, node, ROUTE);
        RequestMatch condition = request(at + ".condition", node.get("condition"), 1);
        List<ResponseClass> classes = list(at + ".responseClasses", node.get("responseClasses"), this::responseClass);
        JsonNode name = node.get("name");
        JsonNode timeout = node.get("timeout");
        Map<String, String> labels = name == null ? Map.of() : Map.of("route", text(at + ".name", name, "a name"));
        Duration time = timeout == null ? null : time(at + ".timeout", timeout);
        return checked(
                at,
                () -> new ProfileRoute(
                        condition, classes, labels, flag(at + ".isRetryable", node.get("isRetryable")), time));
    }

    private RequestMatch request(String at, @Nullable JsonNode node, int depth) {
        JsonNode present = condition(at, node, REQUEST, depth);
        List<RequestMatch> parts = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : present.properties()) {
            String here = at + "." + field.getKey();
            JsonNode value = field.getValue();
            BiFunction<String, JsonNode, RequestMatch> inner = (where, part) -> request(where, part, depth + 1);
            parts.add(checked(here, () -> switch (field.getKey()) {
                case "method" -> RequestMatch.method(text(here, value, "a method"));
                case "pathRegex" -> RequestMatch.path(text(here, value, "a pattern of whole paths"));
                case "all" -> new RequestMatch.All(list(here, value, inner));
                case "any" -> new RequestMatch.Any(list(here, value, inner));
                default -> new RequestMatch.Not(inner.apply(here, value));
            }));
        }
        return parts.size() == 1 ? parts.get(0) : new RequestMatch.All(parts);
    }

    private ResponseClass responseClass(String at, JsonNode node) {
        fields(at, node, Set.of("condition", "isFailure"));
        return new ResponseClass(
                response(at + ".condition", node.get("condition"), 1), flag(at + ".isFailure", node.get("isFailure")));
    }

    private ResponseMatch response(String at, @Nullable JsonNode node, int depth) {
        JsonNode present = condition(at, node, RESPONSE, depth);
        List<ResponseMatch> parts = new ArrayList<>();
        for (Map.Entry<String, JsonNode> field : present.properties()) {
            String here = at + "." + field.getKey();
            JsonNode value = field.getValue();
            BiFunction<String, JsonNode, ResponseMatch> inner = (where, part) -> response(where, part, depth + 1);
            parts.add(checked(here, () -> switch (field.getKey()) {
                case "status" -> status(here, value);
                case "all" -> new ResponseMatch.All(list(here, value, inner));
                case "any" -> new ResponseMatch.Any(list(here, value, inner));
                default -> new ResponseMatch.Not(inner.apply(here, value));
            }));
        }
        return parts.size() == 1 ? parts.get(0) : new ResponseMatch.All(parts);
    }

    private JsonNode condition(String at, @Nullable JsonNode node, Set<String> known, int depth) {
        if (node == null || !node.isObject() || node.isEmpty() || depth > DEEPEST) {
            throw wrong(at, node, "a condition of one part or more, " + DEEPEST + " levels deep at most");
        }
        fields(at, node, known);
        return node;
    }

    private ResponseMatch status(String at, JsonNode node) {
        fields(at, node, Set.of("min", "max"));
        JsonNode min = node.get("min");
        JsonNode max = node.get("max");
        return ResponseMatch.status(
                min == null ? 100 : (int) whole(at + ".min", min, 999),
                max == null ? 999 : (int) whole(at + ".max", max, 999));
    }

    private WeightedTarget target(String at, JsonNode node) {
        fields(at, node, Set.of("authority", "weight"));
        String authority = text(at + ".authority", node.get("authority"), "host and optional port");
        long weight = whole(at + ".weight", node.get("weight"), 0xffff_ffffL);
        return checked(at, () -> new WeightedTarget(authority, weight));
    }

    private @Nullable BudgetSettings budget(String at, @Nullable JsonNode node) {
        if (node == null) {
            return null;
        }
        fields(at, node, Set.of("retryRatio", "minRetriesPerSecond", "ttl"));
        JsonNode ratio = node.get("retryRatio");
        if (ratio == null || !ratio.isNumber()) {
            throw wrong(at + ".retryRatio", ratio, "a number");
        }
        int least = (int) whole(at + ".minRetriesPerSecond", node.get("minRetriesPerSecond"), Integer.MAX_VALUE);
        Duration ttl = time(at + ".ttl", node.get("ttl"));
        return checked(at, () -> new BudgetSettings(ratio.doubleValue(), least, ttl));
    }

    private <T> List<T> list(String at, @Nullable JsonNode node, BiFunction<String, JsonNode, T> element) {
        if (node == null) {
            return List.of();
        } else if (!node.isArray()) {
            throw wrong(at, node, "a list");
        }
        List<T> all = new ArrayList<>(node.size());
        for (JsonNode each : node.values()) {
            all.add(element.apply(at + "[" + all.size() + "]", each));
        }
        return all;
    }

    private boolean flag(String at, @Nullable JsonNode node) {
        if (node != null && !node.isBoolean()) {
            throw wrong(at, node, "true or false");
        }
        return node != null && node.booleanValue();
    }

    private long whole(String at, @Nullable JsonNode node, long most) {
        if (node == null
                || !node.isIntegralNumber()
                || !node.canConvertToLong()
                || node.longValue() < 0
                || node.longValue() > most) {
            throw wrong(at, node, "a whole number, 0 to " + most);
        }
        return node.longValue();
    }

    private Duration time(String at, @Nullable JsonNode node) {
        Matcher part = TIME_PART.matcher(text(at, node, TIME));
        BigDecimal nanos = BigDecimal.ZERO;
        while (part.regionStart() < part.regionEnd()) {
            if (!part.lookingAt()) {
                throw wrong(at, node, TIME);
            }
            nanos = nanos.add(new BigDecimal(part.group(1)).multiply(Objects.requireNonNull(UNITS.get(part.group(2)))));
            part.region(part.end(), part.regionEnd());
        }
        if (nanos.compareTo(LONGEST) > 0) {
            throw wrong(at, node, TIME);
        }
        return Duration.ofNanos(nanos.longValue());
    }

    /** What the records refuse, with the place where it stands. */
    private <T> T checked(String at, Supplier<T> made) {
        try {
            return made.get();
        } catch (IllegalArgumentException refused) {
            throw refused(at, refused);
        }
    }
}
