package io.headgate.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The table of docs/engine-metrics.md has every meter, and none that is not there. */
class EngineMetricsDocTest {

    private static final Path PAGE = Path.of("..", "docs", "engine-metrics.md");

    @Test
    void pageHasEveryMeterWithTypeUnitAndTags() throws IOException {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        try (EngineScene scene = new EngineScene().bindAll(registry)) {
            assertThat(scene.plain.port()).isPositive();
            List<String> shown = Files.readAllLines(PAGE).stream()
                    .filter(line -> line.startsWith("| `gateway."))
                    .toList();
            assertThat(shown).containsExactlyElementsOf(rows(registry.getMeters()));
        }
        assertThat(registry.getMeters()).isEmpty();
    }

    @Test
    void noTwoMetersGetInEachOthersWayInPrometheus() {
        PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        List<String> failed = new ArrayList<>();
        registry.config().onMeterRegistrationFailed((id, reason) -> failed.add(id + ": " + reason));
        try (EngineScene scene = new EngineScene().bindAll(registry)) {
            assertThat(scene.plain.port()).isPositive();
            assertThat(registry.scrape().lines().filter(line -> line.startsWith("gateway_")))
                    .hasSameSizeAs(registry.getMeters());
        }
        assertThat(failed).isEmpty();
        assertThat(registry.scrape()).isEmpty();
    }

    private static List<String> rows(List<Meter> meters) {
        Map<String, List<Meter>> byName = meters.stream()
                .collect(Collectors.groupingBy(meter -> meter.getId().getName(), TreeMap::new, Collectors.toList()));
        return byName.entrySet().stream()
                .map(entry -> row(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static String row(String name, List<Meter> meters) {
        Meter.Id first = meters.get(0).getId();
        String unit = first.getBaseUnit() == null ? "" : first.getBaseUnit();
        return "| `" + name + "` | " + first.getType().name().toLowerCase(Locale.ROOT) + " | " + unit + " | "
                + tags(meters) + " | " + first.getDescription() + " |";
    }

    /** Values where they are a closed set, as for states; keys alone where user code or the network says them. */
    private static String tags(List<Meter> meters) {
        Map<String, Set<String>> values = new TreeMap<>();
        meters.forEach(meter -> meter.getId()
                .getTags()
                .forEach(tag -> values.computeIfAbsent(tag.getKey(), key -> new TreeSet<>())
                        .add(tag.getValue())));
        values.remove("name");
        return values.entrySet().stream()
                .map(entry -> Set.of("endpoint", "listener", "route", "source", "limit")
                                .contains(entry.getKey())
                        ? "`" + entry.getKey() + "`"
                        : "`" + entry.getKey() + "`: " + String.join(", ", entry.getValue()))
                .collect(Collectors.joining("; "));
    }
}
