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

/** The functions of an application. */
@Command(
        name = "functions",
        description = "Lists, shows, creates, changes and deletes functions.",
        synopsisSubcommandLabel = "(list | create | show | update | delete)",
        sortOptions = false)
final class FnFunctions extends FnGroup {

    private static final String FNS = "/v2/fns";

    FnFunctions(FnDial dial, FnOutput output) {
        super(dial, output);
    }

    @Command(name = "list", description = "Lists the functions of an application.")
    int list(@Parameters(paramLabel = "APP", description = "The application.") String app) {
        return dial().run(server -> output().table(FnTable.of(
                server.list(FNS + "?app_id=" + FnClient.id(server.app(app))),
                "name",
                "image",
                "memory",
                "timeout",
                "idle_timeout",
                "id")));
    }

    @Command(name = "create", description = "Creates a function.", sortOptions = false)
    int create(
            @Parameters(paramLabel = "APP", description = "The application.") String app,
            @Parameters(paramLabel = "FN", description = "Its name.") String name,
            @Parameters(paramLabel = "IMAGE", description = "What is run, such as node:hello.") String image,
            @Mixin FnRunOptions run,
            @Mixin FnConfigOptions config,
            @Mixin FnAnnotationOptions annotations) {
        ObjectNode fn = fields(image, run, config, annotations).put("name", name);
        return dial().run(server -> output().entity(server.post(FNS, fn.put("app_id", FnClient.id(server.app(app))))));
    }

    @Command(name = "show", description = "Shows a function.")
    int show(
            @Parameters(paramLabel = "APP", description = "The application.") String app,
            @Parameters(paramLabel = "FN", description = "Its name.") String name) {
        return dial().run(server -> output().entity(server.fn(app, name)));
    }

    @Command(name = "update", description = "Changes a function; what is not said stays.", sortOptions = false)
    int update(
            @Parameters(paramLabel = "APP", description = "The application.") String app,
            @Parameters(paramLabel = "FN", description = "Its name.") String name,
            @Option(names = "--image", paramLabel = "IMAGE", description = "What is run.") @Nullable String image,
            @Mixin FnRunOptions run,
            @Mixin FnConfigOptions config,
            @Mixin FnAnnotationOptions annotations) {
        ObjectNode patch = fields(image, run, config, annotations);
        return dial().run(server -> output().entity(server.put(path(server.fn(app, name)), patch)));
    }

    @Command(name = "delete", description = "Deletes a function with its triggers.")
    int delete(
            @Parameters(paramLabel = "APP", description = "The application.") String app,
            @Parameters(paramLabel = "FN", description = "Its name.") String name) {
        return dial().run(server -> {
            server.delete(path(server.fn(app, name)));
            output().line("deleted " + name);
        });
    }

    private static ObjectNode fields(
            @Nullable String image, FnRunOptions run, FnConfigOptions config, FnAnnotationOptions annotations) {
        ObjectNode fields = JsonMapper.shared().createObjectNode();
        if (image != null) {
            fields.put("image", image);
        }
        run.addTo(fields);
        config.addTo(fields);
        annotations.addTo(fields);
        return fields;
    }

    private static String path(JsonNode fn) {
        return FNS + "/" + FnClient.id(fn);
    }
}
