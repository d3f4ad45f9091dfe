package io.headgate.samples;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.time.Duration;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Lists the samples and runs one of them. */
@Command(name = "samples/run", description = "Runs one of the samples.", synopsisSubcommandLabel = "NAME")
public final class Main {

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this and exit.")
    private boolean help;

    private Main() {}

    /**
     * Runs a sample and ends the process with its exit code.
     *
     * @param args the name of a sample and its options; nothing lists the samples
     */
    public static void main(String[] args) {
        Charset charset = Charset.defaultCharset();
        System.exit(run(new PrintWriter(System.out, true, charset), new PrintWriter(System.err, true, charset), args));
    }

    /** Returns the exit code: 0 for success, 1 for a failure of the sample, 2 for a mistake of the user. */
    static int run(PrintWriter out, PrintWriter err, String... args) {
        CommandLine samples = samples(out, err);
        if (args.length == 0) {
            list(samples, out);
            return 0;
        }
        return samples.execute(args);
    }

    static CommandLine samples(PrintWriter out, PrintWriter err) {
        return samples(out, err, new GrpcDial());
    }

    static CommandLine samples(PrintWriter out, PrintWriter err, TapDial dial) {
        OneLineErrors errors = new OneLineErrors();
        return new CommandLine(new Main())
                .addSubcommand(new Quickstart(out))
                .addSubcommand(new Proxy(out))
                .addSubcommand(new Stages(out))
                .addSubcommand(new Discovery(out))
                .addSubcommand(new Profiles(out))
                .addSubcommand(new Observe(out))
                .addSubcommand(new TapCommand(out, dial))
                .addSubcommand(new TopCommand(out, dial))
                .addSubcommand(new RpcServerCommand(out))
                .addSubcommand(RpcClientCommand.create(out))
                .addSubcommand(new RpcBench(out))
                .addSubcommand(new SyncServerCommand(out))
                .addSubcommand(new SyncClientCommand(out))
                .addSubcommand(new SyncFleet(out))
                .addSubcommand(new FunctionsCommand(out))
                .addSubcommand(FnCommand.create(out, System.in))
                .registerConverter(ListenAddress.class, new ListenAddress.Converter())
                .registerConverter(Duration.class, new TimeSpan())
                .setOut(out)
                .setErr(err)
                .setExpandAtFiles(false) // fn invoke reads @FILE itself
                .setUsageHelpWidth(110)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(errors)
                .setExecutionExceptionHandler(errors);
    }

    private static void list(CommandLine samples, PrintWriter out) {
        samples.getSubcommands().forEach((name, sample) -> {
            String[] description = sample.getCommandSpec().usageMessage().description();
            out.printf("%-12s%s%n", name, description[0]);
        });
        out.println();
        out.println("samples/run NAME [options] runs one; samples/run NAME --help shows its options.");
    }
}
