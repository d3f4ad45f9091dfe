package io.headgate.samples.conformance;

import io.grpc.ChannelCredentials;
import io.grpc.ServerCredentials;
import io.grpc.TlsChannelCredentials;
import io.grpc.TlsServerCredentials;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.ListenerSpec;
import io.headgate.gateway.Upstream;
import io.headgate.samples.TestCertificates;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.AfterClass;
import org.junit.BeforeClass;

/** The same suite with TLS from the client to the gateway and from there to the server. */
public class GrpcTlsInteropTest extends GrpcInteropTest {

    private static Path folder;
    private static TestCertificates certificates;

    /** Makes certificates for all cases. */
    @BeforeClass
    public static void certify() throws Exception {
        folder = Files.createTempDirectory("grpc-tls");
        certificates = TestCertificates.create(folder);
    }

    /** Removes them. */
    @AfterClass
    public static void clean() throws IOException {
        for (Path file : new Path[] {certificates.root(), certificates.chain(), certificates.key(), folder}) {
            Files.delete(file);
        }
    }

    @Override
    ServerCredentials serverCredentials() {
        try {
            return TlsServerCredentials.create(
                    certificates.chain().toFile(), certificates.key().toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    ChannelCredentials channelCredentials() {
        try {
            return TlsChannelCredentials.newBuilder()
                    .trustManager(certificates.root().toFile())
                    .build();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    ListenerSpec listener(ListenerSpec spec) {
        return spec.withTls(certificates.server());
    }

    @Override
    Upstream upstream(Gateway on, int port) {
        return on.upstream(certificates.client(), "h2://127.0.0.1:" + port);
    }
}
