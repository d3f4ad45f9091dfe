package io.headgate.route;

import io.headgate.http.HttpExchange;
import io.headgate.http.RequestHead;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Looks at each route by itself, without the index, and says what it finds. */
final class Explainer<T> {

    private final HttpExchange exchange;
    private final RequestHead head;
    private final @Nullable Entry<T> chosen;

    Explainer(HttpExchange exchange, @Nullable Entry<T> chosen) {
        this.exchange = exchange;
        this.head = exchange.head();
        this.chosen = chosen;
    }

    Explanation<T> explain(List<Entry<T>> entries) {
        List<Explanation.Verdict<T>> verdicts = new ArrayList<>(entries.size());
        for (Entry<T> entry : entries) {
            String obstacle = obstacle(entry);
            verdicts.add(new Explanation.Verdict<>(
                    entry.route, obstacle == null, obstacle == null ? fate(entry) : obstacle));
        }
        return new Explanation<>(chosen == null ? null : chosen.route, verdicts);
    }

    private @Nullable String obstacle(Entry<T> entry) {
        if (!entry.host.matches(head)) {
            return differs("host", head.authority(), entry.host.toString());
        }
        if (!entry.path.matches(head.target())) {
            String path = head.target().substring(0, Texts.pathEnd(head.target()));
            return differs("path", path, entry.route.path().toString());
        }
        if (!entry.takesMethod(head.method())) {
            String methods = String.join(" or ", new TreeSet<>(entry.route.methods()));
            return differs("method", head.method(), methods);
        }
        List<Condition> conditions = entry.route.conditions();
        for (int i = 0; i < conditions.size(); i++) {
            String obstacle = obstacle(entry, i, conditions.get(i));
            if (obstacle != null) {
                return obstacle;
            }
        }
        return entry.isShared() && entry.weight() == 0 ? "weight: 0 (expected: more)" : null;
    }

    private @Nullable String obstacle(Entry<T> entry, int number, Condition condition) {
        try {
            return entry.holds(number, exchange) ? null : "condition does not hold: " + condition;
        } catch (RuntimeException e) {
            return "condition failed: " + condition + ": " + e;
        }
    }

    private static String differs(String what, String value, String expected) {
        return what + ": " + Texts.printable(value) + " (expected: " + expected + ")";
    }

    private String fate(Entry<T> entry) {
        if (chosen == null) {
            return "matches, but nothing was found: a condition failed, or changed its mind";
        }
        if (entry == chosen) {
            return entry.isShared() ? "chosen, drawn by " + entry.route.share() : "chosen";
        }
        return entry.peers.contains(chosen)
                ? "matches, but the draw fell on " + chosen.route.name()
                : "matches, but " + chosen.route.name() + " comes first";
    }
}
