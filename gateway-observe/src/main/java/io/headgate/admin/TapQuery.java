package io.headgate.admin;

import io.headgate.admin.internal.Problem;
import io.headgate.admin.internal.Query;
import io.headgate.forward.Networks;
import io.headgate.tap.TapHeaders;
import io.headgate.tap.TapMatch;
import io.headgate.tap.TapMatch.Text;
import io.headgate.tap.TapRequest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * Reads what a tap is to show from a query. Values of one thing are alternatives, different things must all match, and what begins with
 * {@code not_} must not; labels of different keys are different things.
 */
final class TapQuery {

    private static final long DEFAULT_LIMIT = 100;
    private static final String NOT = "not_";
    private static final Pattern PORTS = Pattern.compile("([0-9]{1,5})(?:-([0-9]{1,5}))?");

    /** A parameter, and how its value is read. Those with the same thing are alternatives. */
    private record Criterion(String name, String thing, Function<String, TapMatch> reader) {}

    private static final List<Criterion> CRITERIA = List.of(
            new Criterion("method", "method", TapMatch.Method::new),
            new Criterion("scheme", "scheme", text -> new TapMatch.Scheme(text.toLowerCase(Locale.ROOT))),
            new Criterion("authority", "authority", text -> new TapMatch.Authority(Text.exact(text))),
            new Criterion("authority_prefix", "authority", text -> new TapMatch.Authority(Text.prefix(text))),
            new Criterion("path", "path", text -> new TapMatch.Path(Text.exact(text))),
            new Criterion("path_prefix", "path", text -> new TapMatch.Path(Text.prefix(text))),
            new Criterion("source", "source", text -> new TapMatch.SourceNetwork(Networks.of(text))),
            new Criterion("source_port", "source_port", text -> ports(text, TapMatch.SourcePorts::new)),
            new Criterion("to", "to", text -> new TapMatch.DestinationNetwork(Networks.of(text))),
            new Criterion("to_port", "to_port", text -> ports(text, TapMatch.DestinationPorts::new)),
            new Criterion("to_label", "to_label", text -> label(text, TapMatch.DestinationLabel::new)),
            new Criterion("route_label", "route_label", text -> label(text, TapMatch.RouteLabel::new)));

    /** All parameters. */
    static final Set<String> NAMES = names();

    private TapQuery() {}

    private static Set<String> names() {
        Set<String> names =
                new HashSet<>(Set.of("tap", "limit", "headers", "redact", "body_bytes", "probability", "queue"));
        for (Criterion criterion : CRITERIA) {
            names.add(criterion.name);
            names.add(NOT + criterion.name);
        }
        return Set.copyOf(names);
    }

    static TapRequest parse(Query query) {
        query.only(NAMES);
        long limit = query.number("limit", DEFAULT_LIMIT, 1, 0xffff_ffffL);
        int bodyBytes = (int) query.number("body_bytes", 0, 0, TapRequest.MOST_BODY_BYTES);
        int queue = (int) query.number("queue", TapRequest.DEFAULT_QUEUE, 1, 1 << 16);
        return TapRequest.of(limit, match(query))
                .withProbability(probability(query))
                .withHeaders(headers(query))
                .withBodyBytes(bodyBytes)
                .withQueue(queue);
    }

    private static double probability(Query query) {
        String text = query.one("probability");
        try {
            double probability = text == null ? 1 : Double.parseDouble(text);
            if (probability > 0 && probability <= 1) {
                return probability;
            }
        } catch (NumberFormatException e) {
            // as a number that is none of these
        }
        throw Problem.parameter("probability", String.valueOf(text), "above 0, up to 1");
    }

    private static TapHeaders headers(Query query) {
        boolean shown = query.flag("headers");
        List<String> redacted = query.all("redact");
        if (!shown && !redacted.isEmpty()) {
            throw Problem.parameter("redact", String.join(", ", redacted), "headers=true with it");
        }
        return (shown ? TapHeaders.SHOWN : TapHeaders.NONE).alsoRedacting(redacted.toArray(String[]::new));
    }

    private static TapMatch match(Query query) {
        Map<String, List<TapMatch>> wanted = new LinkedHashMap<>();
        List<TapMatch> all = new ArrayList<>();
        for (Criterion criterion : CRITERIA) {
            for (String value : query.all(criterion.name)) {
                TapMatch match = read(criterion, criterion.name, value);
                wanted.computeIfAbsent(criterion.thing + key(match), thing -> new ArrayList<>())
                        .add(match);
            }
            for (String value : query.all(NOT + criterion.name)) {
                all.add(read(criterion, NOT + criterion.name, value).negate());
            }
        }
        wanted.values().forEach(choice -> all.add(choice.size() == 1 ? choice.get(0) : new TapMatch.Any(choice)));
        return all.size() == 1 ? all.get(0) : new TapMatch.All(all);
    }

    private static String key(TapMatch match) {
        if (match instanceof TapMatch.DestinationLabel label) {
            return " " + label.key();
        }
        return match instanceof TapMatch.RouteLabel label ? " " + label.key() : "";
    }

    private static TapMatch read(Criterion criterion, String name, String value) {
        try {
            return criterion.reader.apply(value);
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            int expected = message.indexOf("(expected: ");
            throw Problem.parameter(
                    name, value, expected < 0 ? message : message.substring(expected + 11, message.length() - 1));
        }
    }

    private static TapMatch ports(String text, BiFunction<Integer, Integer, TapMatch> maker) {
        var range = PORTS.matcher(text);
        if (!range.matches()) {
            throw new IllegalArgumentException("(expected: a port, or two of them: 8000-8099)");
        }
        int min = Integer.parseInt(range.group(1));
        return maker.apply(min, range.group(2) == null ? min : Integer.parseInt(range.group(2)));
    }

    private static TapMatch label(String text, BiFunction<String, String, TapMatch> maker) {
        int equals = text.indexOf('=');
        if (equals < 1 || equals == text.length() - 1) {
            throw new IllegalArgumentException("(expected: key=value)");
        }
        return maker.apply(text.substring(0, equals), text.substring(equals + 1));
    }
}
