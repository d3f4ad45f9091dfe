package io.headgate.admin.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/** All resources, with an index of them at {@code /}. */
public final class Site {

    private final Map<String, Resource> resources = new LinkedHashMap<>();

    public Site(List<Resource> all) {
        add(Resource.of("/", "what there is").on("GET", ask -> {
            ask.query().only();
            return Answer.json(200, Json.object("name", "headgate admin", "paths", index()));
        }));
        all.forEach(this::add);
    }

    private void add(Resource resource) {
        resources.put(resource.path(), resource);
    }

    private List<Map<String, Object>> index() {
        return resources.values().stream().map(Site::entry).toList();
    }

    private static Map<String, Object> entry(Resource resource) {
        Map<String, Object> entry = new LinkedHashMap<>();
        entry.put("path", resource.path());
        entry.put("methods", resource.methods().keySet());
        entry.put("types", resource.types());
        entry.put("about", resource.about());
        return entry;
    }

    /** Finds who answers; what is wrong with the request is thrown. */
    Mono<Answer> answer(String method, String path, Query query, Accept accept) {
        Resource resource = resources.get(path);
        if (resource == null) {
            throw new Problem(404, "path: " + path + " (expected: one of those in paths)")
                    .with("paths", List.copyOf(resources.keySet()));
        }
        @Nullable Function<Ask, Mono<Answer>> handler = resource.methods().get(method);
        if (handler == null) {
            String allowed = String.join(", ", resource.methods().keySet());
            throw new Problem(405, "method: " + method + " (expected: " + allowed + ")").withHeader("Allow", allowed);
        }
        String type = accept.choose(resource.types());
        if (type == null) {
            throw new Problem(406, "accept: none of these (expected: one of those in types)")
                    .with("types", resource.types());
        }
        return handler.apply(new Ask(path, query, type));
    }
}
