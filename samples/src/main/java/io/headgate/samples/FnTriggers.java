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

/** The triggers of functions. */
@Command(
        name = "triggers",
        description = "Lists, shows, creates, changes and deletes triggers: paths that functions answer.",
        synopsisSubcommandLabel = "(list | create | show | update | delete)",
        sortOptions = false)
final class FnTriggers extends FnGroup {

    private static final String TRIGGERS = "/v2/triggers";

    FnTriggers(FnDial dial, FnOutput output) {
        super(dial, output);
    }

    @Command(name = "list", description = "Lists the triggers of an application, or of one of its functions.")
    int list(
            @Parameters(paramLabel = "APP", description = "The application.") String app,
            @Parameters(paramLabel = "FN", arity = "0..1", description = "The function.") @Nullable String fn) {
        return dial().run(server -> {
            String ofApp = TRIGGERS + "?app_id=" + FnClient.id(server.app(app));
            String path = fn == null ? ofApp : ofApp + "&fn_id=" + FnClient.id(server.fn(app, fn));
            output().table(FnTable.of(server.list(path), "name", "source", "fn_id", "id"));
        });
    }

    @Command(name = "create", description = "Creates a trigger.", sortOptions = false)
    int create(
            @Parameters(paramLabel = "APP", description = "The application.") String app,
            @Parameters(paramLabel = "FN", description = "The function.") String fn,
            @Parameters(paramLabel = "TRIGGER", description = "Its name.") String name,
            @Parameters(paramLabel = "SOURCE", description = "A path, such as /orders/{id} or /files/*.") String source,
            @Mixin FnAnnotationOptions annotations) {
        ObjectNode trigger = fields(source, annotations).put("name", name).put("type", "http");
        return dial().run(server -> {
            JsonNode function = server.fn(app, fn);
            trigger.put("app_id", function.path("app_id").asString()).put("fn_id", FnClient.id(function));
            output().entity(server.post(TRIGGERS, trigger));
        });
    }

    @Command(name = "show", description = "Shows a trigger.")
    int show(
            @Parameters(paramLabel = "APP", description = "The application.") String app,
            @Parameters(paramLabel = "FN", description = "The function.") String fn,
            @Parameters(paramLabel = "TRIGGER", description = "Its name.") String name) {
        return dial().run(server -> output().entity(server.trigger(app, fn, name)));
    }

    @Command(name = "update", description = "Changes a trigger; what is not said stays.", sortOptions = false)
    int update(
            @Parameters(paramLabel = "APP", description = "The application.") String app,
            @Parameters(paramLabel = "FN", description = "The function.") String fn,
            @Parameters(paramLabel = "TRIGGER", description = "Its name.") String name,
            @Option(names = "--source", paramLabel = "SOURCE", description = "Another path.") @Nullable String source,
            @Option(names = "--name", paramLabel = "NAME", description = "Another name.") @Nullable String changed,
            @Option(names = "--fn", paramLabel = "FN", description = "Another function of the application.") @Nullable String other,
            @Mixin FnAnnotationOptions annotations) {
        ObjectNode patch = fields(source, annotations);
        if (changed != null) {
            patch.put("name", changed);
        }
        return dial().run(server -> {
            if (other != null) {
                patch.put("fn_id", FnClient.id(server.fn(app, other)));
            }
            output().entity(server.put(path(server.trigger(app, fn, name)), patch));
        });
    }

    @Command(name = "delete", description = "Deletes a trigger.")
    int delete(
            @Parameters(paramLabel = "APP", description = "The application.") String app,
            @Parameters(paramLabel = "FN", description = "The function.") String fn,
            @Parameters(paramLabel = "TRIGGER", description = "Its name.") String name) {
        return dial().run(server -> {
            server.delete(path(server.trigger(app, fn, name)));
            output().line("deleted " + name);
        });
    }

    private static ObjectNode fields(@Nullable String source, FnAnnotationOptions annotations) {
        ObjectNode fields = JsonMapper.shared().createObjectNode();
        if (source != null) {
            fields.put("source", source);
        }
        annotations.addTo(fields);
        return fields;
    }

    private static String path(JsonNode trigger) {
        return TRIGGERS + "/" + FnClient.id(trigger);
    }
}
