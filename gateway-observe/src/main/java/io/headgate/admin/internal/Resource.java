package io.headgate.admin.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import reactor.core.publisher.Mono;

/**
 * Something with a path. Immutable.
 *
 * @param path where it is
 * @param about what it is, in a line
 * @param types the media types that it has, the usual one first
 * @param methods what each method does, on a thread that may block; HEAD is there when GET is
 */
public record Resource(
        String path, String about, List<String> types, Map<String, Function<Ask, Mono<Answer>>> methods) {

    /** Server-sent events. */
    public static final String EVENTS = "text/event-stream";

    /** A resource without methods. */
    public static Resource of(String path, String about, String... types) {
        return new Resource(path, about, types.length == 0 ? List.of(Json.TYPE) : List.of(types), Map.of());
    }

    /** A copy with one more method that answers at once. */
    public Resource on(String method, Function<Ask, Answer> answer) {
        return later(method, ask -> Mono.fromSupplier(() -> answer.apply(ask)));
    }

    /** A copy with one more method that may take its time. */
    public Resource later(String method, Function<Ask, Mono<Answer>> answer) {
        Map<String, Function<Ask, Mono<Answer>>> all = new LinkedHashMap<>(methods);
        all.put(method, answer);
        if (method.equals("GET")) {
            all.put("HEAD", answer);
        }
        return new Resource(path, about, types, all);
    }
}
