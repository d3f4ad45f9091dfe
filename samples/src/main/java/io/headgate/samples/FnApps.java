package io.headgate.samples;

import io.headgate.samples.function.FnClient;
import io.headgate.samples.function.FnTable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** The applications of a server. */
@Command(
        name = "apps",
        description = "Lists, shows, creates, changes and deletes applications.",
        synopsisSubcommandLabel = "(list | create | show | update | delete)",
        sortOptions = false)
final class FnApps extends FnGroup {

    private static final String APPS = "/v2/apps";

    FnApps(FnDial dial, FnOutput output) {
        super(dial, output);
    }

    @Command(name = "list", description = "Lists the applications.")
    int list() {
        return dial().run(server -> output().table(FnTable.of(server.list(APPS), "name", "id", "updated_at")));
    }

    @Command(name = "create", description = "Creates an application.", sortOptions = false)
    int create(
            @Parameters(paramLabel = "APP", description = "Its name.") String name,
            @Option(names = "--syslog-url", paramLabel = "URL", description = "Where its lines are shipped to.")
                    @Nullable String syslog,
            @Mixin FnConfigOptions config,
            @Mixin FnAnnotationOptions annotations) {
        ObjectNode app = fields(syslog, config, annotations).put("name", name);
        return dial().run(server -> output().entity(server.post(APPS, app)));
    }

    @Command(name = "show", description = "Shows an application.")
    int show(@Parameters(paramLabel = "APP", description = "Its name.") String name) {
        return dial().run(server -> output().entity(server.app(name)));
    }

    @Command(name = "update", description = "Changes an application; what is not said stays.", sortOptions = false)
    int update(
            @Parameters(paramLabel = "APP", description = "Its name.") String name,
            @Option(
                            names = "--syslog-url",
                            paramLabel = "URL",
                            description = "Where its lines are shipped to; empty for nowhere.")
                    @Nullable String syslog,
            @Mixin FnConfigOptions config,
            @Mixin FnAnnotationOptions annotations) {
        ObjectNode patch = fields(syslog, config, annotations);
        return dial().run(server -> output().entity(server.put(path(server.app(name)), patch)));
    }

    @Command(name = "delete", description = "Deletes an application with its functions and triggers.")
    int delete(@Parameters(paramLabel = "APP", description = "Its name.") String name) {
        return dial().run(server -> {
            server.delete(path(server.app(name)));
            output().line("deleted " + name);
        });
    }

    private static ObjectNode fields(@Nullable String syslog, FnConfigOptions config, FnAnnotationOptions annotations) {
        ObjectNode fields = JsonMapper.shared().createObjectNode();
        if (syslog != null) {
            fields.put("syslog_url", syslog);
        }
        config.addTo(fields);
        annotations.addTo(fields);
        return fields;
    }

    private static String path(JsonNode app) {
        return APPS + "/" + FnClient.id(app);
    }
}
