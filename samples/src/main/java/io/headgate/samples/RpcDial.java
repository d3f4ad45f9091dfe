package io.headgate.samples;

import io.headgate.Service;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.net.RpcAddress;
import io.headgate.rpc.net.RpcClient;
import io.headgate.rpc.net.RpcClientSpec;
import io.headgate.rpc.stream.Checksum;
import io.headgate.rpc.stream.Resume;
import io.headgate.rpc.stream.ResumeListener;
import io.headgate.tls.ClientTls;
import io.headgate.tls.TrustAnchors;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Spec.Target;
import reactor.core.Exceptions;

/** Which server, and how it is spoken with: the options that all parts of {@code rpc-client} have. */
final class RpcDial {

    private static final Duration GOODBYE = Duration.ofSeconds(2);

    @Option(
            names = "--server",
            paramLabel = "ADDRESS",
            description = "tcp://HOST:PORT, tls://HOST:PORT or unix:/PATH. Default: ${DEFAULT-VALUE}.")
    private String server = "tcp://127.0.0.1:7000";

    @Option(
            names = "--dialect",
            paramLabel = "DIALECT",
            description = "What is spoken: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private RpcDialect dialect = RpcDialect.HEADGATE;

    @Option(names = "--ca", paramLabel = "FILE", description = "Authorities in PEM that a tls:// server is trusted by.")
    private @Nullable Path authorities;

    @Mixin
    private final RpcConnectionOptions connection = new RpcConnectionOptions();

    @Spec(Target.MIXEE)
    @SuppressWarnings("NullAway.Init") // by picocli
    private CommandSpec spec;

    /** Connects when the first call is made; a failure of a call is told in one line. */
    int with(ToIntFunction<Service<RpcRequest, RpcReply>> work) {
        RpcClient client = RpcClient.of(UserMistake.ifRefused(this::clientSpec));
        try {
            return work.applyAsInt(client);
        } catch (RuntimeException e) {
            String failure = words(Exceptions.unwrap(e));
            if (failure == null) {
                throw e;
            }
            spec.commandLine().getErr().println("rpc-client: " + failure);
            return 1;
        } finally {
            client.closeAsync(GOODBYE).block();
        }
    }

    /** What is masked for the other side need not be masked here. */
    private static @Nullable String words(Throwable error) {
        if (error instanceof IOException) {
            return error.toString();
        }
        if (!(error instanceof RpcException failure)) {
            return null;
        }
        String text = failure.rpcStatus() + ": " + failure.getMessage();
        return !failure.isRemote()
                        && failure.getCause() instanceof IOException cause
                        && !text.contains(String.valueOf(cause.getMessage()))
                ? text + ": " + cause
                : text;
    }

    /** The same with streams of octets that go on after a loss, which is told. */
    int resuming(Checksum checksum, ToIntFunction<Service<RpcRequest, RpcReply>> work) {
        ResumeListener tell = (endpoint, position, futile, loss) -> spec.commandLine()
                .getErr()
                .println("rpc-client: " + endpoint + ": goes on at byte " + position + " or later, after "
                        + loss.getMessage()); // of an upload the other side may have more than it had time to say
        Resume resume = Resume.DEFAULTS.withChecksum(checksum).withListener(tell);
        return with(calls ->
                work.applyAsInt(resume.uploads().apply(resume.downloads().apply(calls))));
    }

    private RpcClientSpec clientSpec() {
        RpcClientSpec made =
                RpcClientSpec.of(RpcAddress.of(server), dialect.dialect()).withRpc(connection.spec());
        return authorities == null ? made : made.withTls(ClientTls.DEFAULTS.withTrust(TrustAnchors.pem(authorities)));
    }
}
