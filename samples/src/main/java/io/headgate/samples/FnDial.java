package io.headgate.samples;

import io.headgate.samples.function.FnClient;
import io.headgate.samples.function.FnFailure;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;

/** Which server {@code fn} speaks to: one option, wherever it stands in the line. */
final class FnDial {

    /** What is done with a server. */
    interface Work {
        void with(FnClient server);
    }

    @Option(
            names = "--url",
            paramLabel = "URL",
            scope = ScopeType.INHERIT,
            description = "The server of functions. Default: ${DEFAULT-VALUE}.")
    private String url = "http://127.0.0.1:8080";

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    /** Returns the exit code; a failure is told in one line. */
    int run(Work work) {
        FnClient server = UserMistake.ifRefused(() -> FnClient.of(url));
        try {
            work.with(server);
            return 0;
        } catch (FnFailure e) {
            spec.commandLine().getErr().println("fn: " + e.getMessage());
            return 1;
        }
    }
}
