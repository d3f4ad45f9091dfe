package io.headgate.samples;

import java.io.InputStream;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** A client of a server of functions: what there is, calls, and what became of them. */
@Command(
        name = "fn",
        description = "Creates, changes and calls functions of a server by HTTP, and shows their calls and logs.",
        synopsisSubcommandLabel = "(apps | functions | triggers | invoke | calls | logs)",
        sortOptions = false)
final class FnCommand extends FnGroup {

    @Mixin
    private final FnDial dial;

    private FnCommand(FnDial dial, FnOutput output) {
        super(dial, output);
        this.dial = dial;
    }

    static CommandLine create(PrintWriter out, InputStream in) {
        FnDial dial = new FnDial();
        FnOutput output = new FnOutput(out);
        return new CommandLine(new FnCommand(dial, output))
                .addSubcommand(new FnApps(dial, output))
                .addSubcommand(new FnFunctions(dial, output))
                .addSubcommand(new FnTriggers(dial, output))
                .addSubcommand(new FnInvoke(dial, output, in))
                .addSubcommand(new FnCalls(dial, output));
    }

    @Command(name = "logs", description = "Shows what a function has printed during an asynchronous call.")
    int logs(
            @Parameters(paramLabel = "APP", description = "The application.") String app,
            @Parameters(paramLabel = "FN", description = "The function.") String fn,
            @Parameters(paramLabel = "CALL", description = "The id of the call.") String call) {
        return dial.run(server -> {
            String path = FnCalls.path(server, app, fn, call) + "/log";
            output().body(server.send("GET", path, new byte[0], "accept", "text/plain")
                    .orFailure());
        });
    }
}
