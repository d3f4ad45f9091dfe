package io.headgate.samples;

import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** What functions find in their environment. */
final class FnConfigOptions {

    @Option(
            names = "--config",
            paramLabel = "KEY=VALUE",
            description = "A variable of the environment; an update without a value removes it. Repeatable.")
    private Map<String, String> config = new LinkedHashMap<>();

    void addTo(ObjectNode entity) {
        if (!config.isEmpty()) {
            ObjectNode values = entity.putObject("config");
            config.forEach(values::put);
        }
    }
}
