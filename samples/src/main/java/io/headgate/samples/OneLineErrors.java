package io.headgate.samples;

import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Tells the user of a mistake in one line; a failure that is nobody's mistake keeps its stack trace. */
final class OneLineErrors implements IParameterExceptionHandler, IExecutionExceptionHandler {

    @Override
    public int handleParseException(ParameterException mistake, String[] args) {
        return report(mistake.getCommandLine(), message(mistake));
    }

    @Override
    public int handleExecutionException(Exception failure, CommandLine command, ParseResult parsed) throws Exception {
        if (failure instanceof UserMistake) {
            return report(command, String.valueOf(failure.getMessage()));
        }
        throw failure;
    }

    private static String message(ParameterException mistake) {
        CommandLine command = mistake.getCommandLine();
        if (mistake instanceof UnmatchedArgumentException unmatched && command.getParent() == null) {
            String first = unmatched.getUnmatched().get(0);
            if (!first.startsWith("-")) {
                return "sample: " + first + " (expected: one of "
                        + String.join(", ", command.getSubcommands().keySet()) + ")";
            }
        }
        return String.valueOf(mistake.getMessage());
    }

    private static int report(CommandLine command, String message) {
        String line = String.join(" ", message.lines().toList());
        command.getErr().println(command.getCommandSpec().qualifiedName() + ": " + line + "; --help shows how");
        return command.getCommandSpec().exitCodeOnInvalidInput();
    }
}
