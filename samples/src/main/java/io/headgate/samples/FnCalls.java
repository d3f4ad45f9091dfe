package io.headgate.samples;

import io.headgate.samples.function.FnClient;
import io.headgate.samples.function.FnReply;
import io.headgate.samples.function.FnTable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.json.JsonMapper;

/** Asynchronous calls of a function. */
@Command(
        name = "calls",
        description = "Lists and shows asynchronous calls and their results, calls them off, and revives dead ones.",
        synopsisSubcommandLabel = "(list | show | result | cancel | revive)",
        sortOptions = false)
final class FnCalls extends FnGroup {

    private static final byte[] NOTHING = {};

    FnCalls(FnDial dial, FnOutput output) {
        super(dial, output);
    }

    /** Where the API has the calls of a function. */
    static String path(FnClient server, String app, String fn) {
        return "/v2/fns/" + FnClient.id(server.fn(app, fn)) + "/calls";
    }

    /** Where the API has a call. */
    static String path(FnClient server, String app, String fn, String call) {
        return path(server, app, fn) + "/" + FnClient.escaped(call);
    }

    @Command(name = "list", description = "Lists the calls of a function, the newest first.", sortOptions = false)
    int list(
            @Parameters(paramLabel = "APP", description = "The application.") String app,
            @Parameters(paramLabel = "FN", description = "The function.") String fn,
            @Option(
                            names = "--status",
                            paramLabel = "STATUS",
                            description = "Only those: queued, running, success, error, timeout, cancelled.")
                    @Nullable String status,
            @Option(
                            names = {"-n", "--most"},
                            paramLabel = "N",
                            defaultValue = "30",
                            description = "How many at most. Default: ${DEFAULT-VALUE}.")
                    int most) {
        if (most < 1) {
            throw new UserMistake("--most: " + most + " (expected: 1 or more)");
        }
        return dial().run(server -> {
            String all = path(server, app, fn);
            String path = status == null ? all : all + "?status=" + FnClient.escaped(status);
            output().table(FnTable.of(server.list(path, most), "id", "status", "attempts", "created_at", "error"));
        });
    }

    @Command(name = "show", description = "Shows a call.")
    int show(
            @Parameters(paramLabel = "APP", description = "The application.") String app,
            @Parameters(paramLabel = "FN", description = "The function.") String fn,
            @Parameters(paramLabel = "CALL", description = "Its id.") String call) {
        return dial().run(server -> output().entity(server.get(path(server, app, fn, call))));
    }

    @Command(name = "result", description = "Prints what a caller would have been answered who had waited.")
    int result(
            @Parameters(paramLabel = "APP", description = "The application.") String app,
            @Parameters(paramLabel = "FN", description = "The function.") String fn,
            @Parameters(paramLabel = "CALL", description = "Its id.") String call) {
        return dial().run(server -> {
            FnReply result = server.send("GET", path(server, app, fn, call) + "/result", NOTHING);
            output().body(result.orFailure());
        });
    }

    @Command(name = "cancel", description = "Calls off a call that waits.")
    int cancel(
            @Parameters(paramLabel = "APP", description = "The application.") String app,
            @Parameters(paramLabel = "FN", description = "The function.") String fn,
            @Parameters(paramLabel = "CALL", description = "Its id.") String call) {
        return dial().run(server -> {
            server.delete(path(server, app, fn, call));
            output().line("cancelled " + call);
        });
    }

    @Command(name = "revive", description = "Lets a call that has failed for good be tried again.")
    int revive(
            @Parameters(paramLabel = "APP", description = "The application.") String app,
            @Parameters(paramLabel = "FN", description = "The function.") String fn,
            @Parameters(paramLabel = "CALL", description = "Its id.") String call) {
        return dial().run(server -> output().entity(server.post(
                path(server, app, fn, call) + "/revive", JsonMapper.shared().createObjectNode())));
    }
}
