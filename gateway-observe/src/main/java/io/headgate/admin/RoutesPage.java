package io.headgate.admin;

import io.headgate.admin.internal.Answer;
import io.headgate.admin.internal.Ask;
import io.headgate.admin.internal.Json;
import io.headgate.admin.internal.Problem;
import io.headgate.admin.internal.Query;
import io.headgate.admin.internal.Resource;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.RequestHead;
import io.headgate.profile.ProfileRouter;
import io.headgate.profile.RouteExplanation;
import io.headgate.route.Explanation;
import io.headgate.route.Recognizer;
import io.headgate.route.Route;
import io.headgate.route.RouteTable;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code /routes}: what there is, and why a request would go the way it would. */
final class RoutesPage {

    private static final String EXPECTED = "METHOD URL, such as GET http://example.org/users/7";

    private final Map<String, Supplier<? extends @Nullable Recognizer<?>>> tables;
    private final Map<String, ProfileRouter> profiles;

    RoutesPage(Map<String, Supplier<? extends @Nullable Recognizer<?>>> tables, Map<String, ProfileRouter> profiles) {
        this.tables = tables;
        this.profiles = profiles;
    }

    Resource resource() {
        return Resource.of(
                        "/routes",
                        "route tables and profiles; ?explain=METHOD URL says why a request goes where it goes")
                .on("GET", this::answer);
    }

    private Answer answer(Ask ask) {
        Query query = ask.query();
        query.only("explain", "header");
        if (query.one("explain") != null) {
            return explain(query);
        }
        query.only("explain");
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("tables", named(tables, table -> table(table.get())));
        document.put("profiles", named(profiles, RoutesPage::profile));
        return Answer.json(200, document);
    }

    private static <V> List<Map<String, Object>> named(
            Map<String, V> all, java.util.function.Function<V, Map<String, Object>> view) {
        List<Map<String, Object>> list = new ArrayList<>();
        all.forEach((name, one) -> {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("name", name);
            entry.putAll(view.apply(one));
            list.add(entry);
        });
        return list;
    }

    // ---- what there is

    private static Map<String, Object> table(@Nullable Recognizer<?> known) {
        Map<String, Object> view = new LinkedHashMap<>();
        if (known instanceof RouteTable<?> table) {
            view.put("routes", table.routes().stream().map(RoutesPage::route).toList());
            view.put("shadowed", table.shadowed());
        } else {
            view.put("state", known == null ? "no table yet" : known.toString());
        }
        return view;
    }

    private static Map<String, Object> route(Route<?> route) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("name", route.name());
        view.put("host", route.host());
        view.put("path", route.path().toString());
        view.put("methods", new TreeSet<>(route.methods()));
        view.put("conditions", route.conditions().stream().map(Object::toString).toList());
        if (route.share() != null) {
            view.put("share", route.share());
        }
        view.put("to", String.valueOf(route.value()));
        return view;
    }

    private static Map<String, Object> profile(ProfileRouter router) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("profiles", router.stats().profiles());
        view.put("callsWithoutProfile", router.stats().callsWithoutProfile());
        view.put(
                "routes",
                router.stats().routes().stream()
                        .map(stats -> Json.object(
                                "route", String.valueOf(stats.route()),
                                "calls", stats.calls(),
                                "attempts", stats.attempts()))
                        .toList());
        view.put(
                "defaultRoute",
                Json.object(
                        "calls", router.stats().defaultRoute().calls(),
                        "attempts", router.stats().defaultRoute().attempts()));
        if (router.failure() != null) {
            view.put("failure", router.failure());
        }
        return view;
    }

    // ---- why

    private Answer explain(Query query) {
        RequestHead head = head(query);
        HttpExchange exchange = HttpExchange.of(head, Body.empty());
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("request", head.method() + " " + head.scheme() + "://" + head.authority() + head.target());
        document.put("tables", named(tables, table -> explanation(table.get(), exchange)));
        document.put("profiles", named(profiles, router -> explanation(router.explain(head))));
        return Answer.json(200, document);
    }

    private static Map<String, Object> explanation(@Nullable Recognizer<?> known, HttpExchange exchange) {
        if (!(known instanceof RouteTable<?> table)) {
            return Map.of("state", known == null ? "no table yet" : known.toString());
        }
        Explanation<?> explained = table.explain(exchange);
        Map<String, Object> view = new LinkedHashMap<>();
        view.put(
                "chosen", explained.chosen() == null ? null : explained.chosen().name());
        view.put(
                "verdicts",
                explained.verdicts().stream().map(RoutesPage::verdict).toList());
        return view;
    }

    private static Map<String, Object> verdict(Explanation.Verdict<?> verdict) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("route", verdict.route().name());
        view.put("matches", verdict.matches());
        view.put("reason", verdict.reason());
        return view;
    }

    private static Map<String, Object> explanation(RouteExplanation explained) {
        Map<String, Object> view = new LinkedHashMap<>();
        view.put("chosen", explained.chosen() == RouteExplanation.DEFAULT_ROUTE ? null : explained.chosen());
        view.put("labels", explained.labels().toString());
        view.put("steps", explained.steps());
        return view;
    }

    private static RequestHead head(Query query) {
        String text = query.required("explain", EXPECTED);
        int space = text.indexOf(' ');
        try {
            URI url = new URI(space < 0 ? "" : text.substring(space + 1));
            if (url.getScheme() == null || url.getRawAuthority() == null) {
                throw Problem.parameter("explain", text, EXPECTED);
            }
            String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
            String target = url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
            return new RequestHead(
                    text.substring(0, space), url.getScheme(), url.getRawAuthority(), target, fields(query));
        } catch (java.net.URISyntaxException | IllegalArgumentException e) {
            throw Problem.parameter("explain", text, EXPECTED + "; " + e.getMessage());
        }
    }

    private static Fields fields(Query query) {
        Fields.Builder fields = Fields.builder();
        for (String header : query.all("header")) {
            int colon = header.indexOf(':');
            try {
                fields.add(header.substring(0, Math.max(0, colon)), header.substring(colon + 1));
            } catch (IllegalArgumentException e) {
                throw Problem.parameter("header", header, "name: value");
            }
        }
        return fields.build();
    }
}
