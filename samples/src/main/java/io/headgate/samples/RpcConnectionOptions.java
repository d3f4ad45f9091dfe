package io.headgate.samples;

import io.headgate.rpc.RpcObserver;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.stream.RpcDump;
import io.headgate.rpc.stream.RpcLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What both ends of an RPC connection can be told. */
final class RpcConnectionOptions {

    @Option(
            names = "--heartbeat",
            paramLabel = "TIME",
            description = "Asks for a sign of life after that long without a byte to send; 0s for never. Default: 5s.")
    private Duration heartbeat = RpcSettings.DEFAULTS.heartbeat();

    @Option(
            names = "--silence",
            paramLabel = "TIME",
            description = "Gives a peer up that was not heard of for that long; 0s for never. Default: 15s.")
    private Duration silence = RpcSettings.DEFAULTS.silence();

    @Option(
            names = "--progress",
            paramLabel = "TIME",
            description = "Cuts a stream that may move and does not for that long; 0s for never. Default: 0s.")
    private Duration progress = RpcSettings.DEFAULTS.progress();

    @Option(names = "--log", description = "Logs how connections open and end, and what stands still.")
    private boolean log;

    @Option(
            names = "--dump",
            paramLabel = "FOLDER",
            description = "Writes the bytes of each connection to files there: 1-in.bin, 1-out.bin and so on.")
    private @Nullable Path dump;

    /** Settings and observers, without a handler. */
    RpcSpec spec() {
        RpcObserver observer = log ? RpcLog.create() : RpcObserver.NONE;
        if (dump != null) {
            observer = observer.and(dump(dump));
        }
        RpcSettings settings = UserMistake.ifRefused(() -> RpcSettings.builder()
                .heartbeat(heartbeat)
                .silence(silence)
                .progress(progress)
                .build());
        return RpcSpec.DEFAULTS.withSettings(settings).withObserver(observer);
    }

    private static RpcObserver dump(Path folder) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UserMistake("--dump: " + folder + " (expected: a folder that can be made)", e);
        }
        return RpcDump.into(folder);
    }
}
