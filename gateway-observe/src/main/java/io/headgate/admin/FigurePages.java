package io.headgate.admin;

import io.headgate.admin.internal.Answer;
import io.headgate.admin.internal.Resource;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.PoolStats;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** {@code /pools} and {@code /stats}. */
final class FigurePages {

    private FigurePages() {}

    static Resource pools(Gateway gateway) {
        return Resource.of("/pools", "connections to each endpoint").on("GET", ask -> {
            ask.query().only();
            return Answer.json(
                    200,
                    Map.of(
                            "pools",
                            gateway.pools().stream()
                                    .sorted(Comparator.comparing(
                                            (PoolStats pool) -> pool.endpoint().toString()))
                                    .toList()));
        });
    }

    static Resource stats(@Nullable Gateway gateway, Map<String, Supplier<?>> figures) {
        return Resource.of("/stats", "figures of the gateway and of what else was registered")
                .on("GET", ask -> {
                    ask.query().only();
                    Map<String, Object> all = new LinkedHashMap<>();
                    if (gateway != null) {
                        all.put("gateway", gateway.stats());
                    }
                    figures.forEach((name, figure) -> all.put(name, figure.get()));
                    return Answer.json(200, all);
                });
    }
}
