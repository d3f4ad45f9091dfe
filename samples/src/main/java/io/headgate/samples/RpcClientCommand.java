package io.headgate.samples;

import io.headgate.Service;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.endpoint.EndpointDirectory;
import io.headgate.rpc.endpoint.EndpointInfo;
import io.headgate.rpc.endpoint.RpcClients;
import io.headgate.rpc.stream.Checksum;
import io.headgate.samples.rpc.FileEntry;
import io.headgate.samples.rpc.FileTransfer;
import io.headgate.samples.rpc.GenericCall;
import io.headgate.samples.rpc.ProgressBar;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Calls whatever a server offers, and sends and receives files. */
@Command(
        name = "rpc-client",
        description = "Lists and calls the endpoints of a server of framed RPC, and sends and receives files.",
        synopsisSubcommandLabel = "(list | call | get | put)",
        sortOptions = false)
final class RpcClientCommand implements Callable<Integer> {

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    private RpcClientCommand() {}

    static CommandLine create(PrintWriter out) {
        return new CommandLine(new RpcClientCommand())
                .addSubcommand(new ListEndpoints(out))
                .addSubcommand(new Call(out))
                .addSubcommand(new Get(out))
                .addSubcommand(new Put(out));
    }

    @Override
    public Integer call() {
        throw new UserMistake("command: missing (expected: one of "
                + String.join(", ", spec.subcommands().keySet()) + ")");
    }

    private static List<EndpointInfo> directory(Service<RpcRequest, RpcReply> server) {
        EndpointDirectory directory = RpcClients.create().client(EndpointDirectory.class, server);
        return Objects.requireNonNull(directory.endpoints().block());
    }

    @Command(name = "list", description = "Lists the endpoints with their signatures.", sortOptions = false)
    private static final class ListEndpoints implements Callable<Integer> {

        @Mixin
        private final RpcDial dial = new RpcDial();

        private final PrintWriter out;

        ListEndpoints(PrintWriter out) {
            this.out = out;
        }

        @Override
        public Integer call() {
            return dial.with(server -> {
                directory(server).forEach(out::println);
                return 0;
            });
        }
    }

    @Command(
            name = "call",
            description = "Calls an endpoint with JSON, and prints what comes back, a line for each element.",
            sortOptions = false,
            footer = {
                "",
                "First come the values of the endpoint, then the elements of its stream:",
                "  samples/run rpc-client call demo/count 1 5",
                "  samples/run rpc-client call demo/sum 1 2 3"
            })
    private static final class Call implements Callable<Integer> {

        @Mixin
        private final RpcDial dial = new RpcDial();

        @Parameters(index = "0", paramLabel = "ENDPOINT", description = "Its name, as list shows it.")
        private String endpoint = "";

        @Parameters(index = "1..*", arity = "0..*", paramLabel = "JSON", description = "Values and elements.")
        private List<String> values = List.of();

        @Option(
                names = "--input",
                paramLabel = "FILE",
                description = "Lines of JSON as further elements, or the bytes of a stream of octets.")
        private @Nullable Path input;

        @Option(names = "--output", paramLabel = "FILE", description = "Where the octets of a reply go.")
        private @Nullable Path output;

        private final PrintWriter out;

        Call(PrintWriter out) {
            this.out = out;
        }

        @Override
        public Integer call() {
            return dial.with(server -> {
                EndpointInfo info = directory(server).stream()
                        .filter(one -> one.name().equals(endpoint))
                        .findFirst()
                        .orElseThrow(
                                () -> new UserMistake("endpoint: " + endpoint + " (expected: one that list shows)"));
                GenericCall call = UserMistake.ifRefused(() -> GenericCall.of(info, values, input, output));
                call.make(server)
                        .doOnNext(line -> {
                            out.println(line);
                            out.flush();
                        })
                        .blockLast();
                return 0;
            });
        }
    }

    /** What both directions of files have. */
    private abstract static class Transfer implements Callable<Integer> {

        @Mixin
        private final RpcDial dial = new RpcDial();

        @Option(
                names = "--checksum",
                paramLabel = "KIND",
                description = "How the whole file is checked: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
        private Checksum checksum = Checksum.CRC32C;

        @Spec
        @SuppressWarnings("NullAway.Init") // by picocli
        private CommandSpec spec;

        abstract String move(FileTransfer transfer, ProgressBar bar);

        abstract PrintWriter out();

        @Override
        public Integer call() {
            try (ProgressBar bar = new ProgressBar(spec.commandLine().getErr(), Board.isTerminal())) {
                return dial.resuming(checksum, server -> {
                    out().println(move(new FileTransfer(server), bar));
                    return 0;
                });
            }
        }
    }

    @Command(
            name = "get",
            description =
                    "Receives a file. Goes on after a lost connection; the file appears when it is whole, or not at all.",
            sortOptions = false)
    private static final class Get extends Transfer {

        @Parameters(index = "0", paramLabel = "REMOTE", description = "The path on the server.")
        private String remote = "";

        @Parameters(
                index = "1",
                arity = "0..1",
                paramLabel = "LOCAL",
                description = "Where to. Default: its name, here.")
        private @Nullable Path local;

        private final PrintWriter out;

        Get(PrintWriter out) {
            this.out = out;
        }

        @Override
        PrintWriter out() {
            return out;
        }

        @Override
        String move(FileTransfer transfer, ProgressBar bar) {
            Path named = local == null ? Path.of(remote).getFileName() : local;
            if (named == null) {
                throw new UserMistake("remote: " + remote + " (expected: the path of a file)");
            }
            Path target = UserMistake.ifRefused(() -> FileTransfer.place(named));
            long bytes = transfer.get(remote, target, bar);
            return remote + " -> " + target + ", " + bytes + " bytes";
        }
    }

    @Command(
            name = "put",
            description = "Sends a file. Goes on after a lost connection, and where an earlier put was stopped.",
            sortOptions = false)
    private static final class Put extends Transfer {

        @Parameters(index = "0", paramLabel = "LOCAL", description = "The file.")
        private Path local = Path.of("");

        @Parameters(index = "1", arity = "0..1", paramLabel = "REMOTE", description = "Where to. Default: its name.")
        private @Nullable String remote;

        private final PrintWriter out;

        Put(PrintWriter out) {
            this.out = out;
        }

        @Override
        PrintWriter out() {
            return out;
        }

        @Override
        String move(FileTransfer transfer, ProgressBar bar) {
            if (!Files.isRegularFile(local) || !Files.isReadable(local)) {
                throw new UserMistake("local: " + local + " (expected: a file that can be read)");
            }
            FileEntry entry =
                    transfer.put(local, remote == null ? local.getFileName().toString() : remote, bar);
            return local + " -> " + entry.path() + ", " + entry.size() + " bytes";
        }
    }
}
