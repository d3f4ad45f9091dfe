package io.headgate.admin;

import io.headgate.admin.internal.Answer;
import io.headgate.admin.internal.Resource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** {@code /stack}. */
final class StackPage {

    private StackPage() {}

    static Resource of(Map<String, Supplier<String>> stacks) {
        return Resource.of("/stack", "the stages of each stack, as a request meets them")
                .on("GET", ask -> {
                    ask.query().only();
                    List<Object> all = new ArrayList<>();
                    stacks.forEach((name, description) -> {
                        Map<String, Object> stack = new LinkedHashMap<>();
                        stack.put("name", name);
                        stack.put("layers", description.get().lines().toList());
                        all.add(stack);
                    });
                    return Answer.json(200, Map.of("stacks", all));
                });
    }
}
