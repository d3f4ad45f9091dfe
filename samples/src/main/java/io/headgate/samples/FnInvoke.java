package io.headgate.samples;

import io.headgate.samples.function.FnClient;
import io.headgate.samples.function.FnReply;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Calls a function. */
@Command(
        name = "invoke",
        description = "Calls a function and prints its answer, or the id of the call when nobody waits for one.",
        sortOptions = false)
final class FnInvoke implements Callable<Integer> {

    private final FnDial dial;
    private final FnOutput print;
    private final InputStream in;

    @Parameters(index = "0", paramLabel = "APP", description = "The application.")
    private String app = "";

    @Parameters(index = "1", paramLabel = "FN", description = "The function.")
    private String fn = "";

    @Option(
            names = {"-d", "--data"},
            paramLabel = "DATA",
            description = "What it is called with: a text, @FILE, or - for what comes on the standard input.")
    private @Nullable String data;

    @Option(names = "--content-type", paramLabel = "TYPE", description = "What the data are, such as text/plain.")
    private @Nullable String contentType;

    /** Without either of them the call is waited for. */
    private static final class Way {

        @Option(names = "--async", description = "Records the call; it runs as often as it takes, at its own time.")
        private boolean async;

        @Option(names = "--detached", description = "Waits until the call has begun, and not for its answer.")
        private boolean detached;
    }

    @ArgGroup(exclusive = true, multiplicity = "0..1")
    private Way way = new Way();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FILE",
            description = "Where the answer goes. Default: it is printed as text.")
    private @Nullable Path output;

    FnInvoke(FnDial dial, FnOutput print, InputStream in) {
        this.dial = dial;
        this.print = print;
        this.in = in;
    }

    @Override
    public Integer call() throws IOException {
        byte[] payload = payload();
        return dial.run(server -> {
            String path = "/invoke/" + FnClient.id(server.fn(app, fn));
            show(server.send("POST", path, payload, fields()).orFailure());
        });
    }

    private byte[] payload() throws IOException {
        if (data == null) {
            return new byte[0];
        }
        if (data.equals("-")) {
            return in.readAllBytes();
        }
        if (!data.startsWith("@")) {
            return data.getBytes(StandardCharsets.UTF_8);
        }
        try {
            return Files.readAllBytes(Path.of(data.substring(1)));
        } catch (IOException e) {
            throw new UserMistake("--data: " + data + " (expected: @ and a file that can be read)", e);
        }
    }

    private String[] fields() {
        List<String> fields = new ArrayList<>();
        if (contentType != null) {
            fields.addAll(List.of("content-type", contentType));
        }
        if (!waits()) {
            fields.addAll(List.of("fn-invoke-type", way.async ? "async" : "detached"));
        }
        return fields.toArray(String[]::new);
    }

    private boolean waits() {
        return !way.async && !way.detached;
    }

    private void show(FnReply reply) {
        if (!waits()) {
            print.line(String.valueOf(reply.callId()));
        } else if (output == null) {
            print.body(reply);
        } else {
            write(output, reply);
        }
    }

    private void write(Path file, FnReply reply) {
        try {
            Files.write(file, reply.body());
        } catch (IOException e) {
            throw new UserMistake("--output: " + file + " (expected: a file that can be written)", e);
        }
        print.line(reply.body().length + " bytes -> " + file);
    }
}
