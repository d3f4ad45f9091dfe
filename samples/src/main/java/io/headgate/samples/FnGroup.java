package io.headgate.samples;

import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** A part of {@code fn} that has verbs; by itself it does nothing. */
abstract class FnGroup implements Callable<Integer> {

    private final FnDial dial;
    private final FnOutput output;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    FnGroup(FnDial dial, FnOutput output) {
        this.dial = dial;
        this.output = output;
    }

    @Override
    public final Integer call() {
        throw new UserMistake("command: missing (expected: one of "
                + String.join(", ", spec.subcommands().keySet()) + ")");
    }

    final FnDial dial() {
        return dial;
    }

    final FnOutput output() {
        return output;
    }
}
