package io.headgate.rpc.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.net.RpcClient;
import io.headgate.rpc.net.RpcClientSpec;
import io.headgate.rpc.net.RpcServer;
import io.headgate.rpc.net.RpcServerSpec;
import io.headgate.rpc.zrepl.ZreplWire;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;

/** Both ends have the stages, and the wire between them carries no metadata: streams go as they would without them. */
@Timeout(60)
class ResumeOn2017Test {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final OctetFiles FILES = OctetFiles.DEFAULTS;

    private final byte[] content = Bytes.some(new Random(1), 300_000);
    private RpcServer server;
    private RpcClient client;
    private Service<RpcRequest, RpcReply> calls;

    @TempDir
    Path folder;

    @BeforeEach
    void connect() throws Exception {
        Files.write(folder.resolve("source"), content);
        Service<RpcRequest, RpcReply> handler = request -> request.endpoint().equals("get")
                ? Mono.just(RpcReply.of(Content.OCTETS, FILES.body(folder.resolve("source"))))
                : FILES.write(folder.resolve("stored"), 0, request.body())
                        .map(size -> RpcReply.of(Content.JSON, Body.utf8(String.valueOf(size))));
        Service<RpcRequest, RpcReply> able = Resume.offers()
                .andThen(Resume.takes(FileSpool.of(folder, 1 << 20, FILES)))
                .apply(handler);
        server = RpcServer.bind(RpcServerSpec.of("local:resume-on-2017", ZreplWire.DIALECT)
                        .withHandler(able))
                .block(LONG);
        client = RpcClient.of(RpcClientSpec.of("local:resume-on-2017", ZreplWire.DIALECT));
        calls = Resume.DEFAULTS.downloads().andThen(Resume.DEFAULTS.uploads()).apply(client);
    }

    @AfterEach
    void close() {
        client.closeAsync(Duration.ZERO).block(LONG);
        server.closeAsync(Duration.ZERO).block(LONG);
    }

    private RpcRequest put() {
        return RpcRequest.of("put", Content.OCTETS, Content.JSON, FILES.body(folder.resolve("source")));
    }

    @Test
    void anUploadIsAPlainCall() throws Exception {
        String size =
                calls.call(put()).flatMap(reply -> reply.body().asString(100)).block(LONG);
        assertThat(size).isEqualTo("300000");
        assertThat(Files.readAllBytes(folder.resolve("stored"))).isEqualTo(content);
    }

    @Test
    void aDownloadIsAPlainCall() throws Exception {
        calls.call(RpcRequest.of("get", Content.JSON, Content.OCTETS, Body.utf8("null")))
                .flatMap(reply -> FILES.write(folder.resolve("target"), 0, reply.body()))
                .block(LONG);
        assertThat(Files.readAllBytes(folder.resolve("target"))).isEqualTo(content);
    }

    /** Names do not travel, so these are two calls of the handler, and none of the stages has a say. */
    @Test
    void twoUploadsOfOneNameAreTwoCalls() throws Exception {
        RpcClient other = RpcClient.of(RpcClientSpec.of("local:resume-on-2017", ZreplWire.DIALECT));
        RpcRequest named = put().withFields(Fields.of("resume-upload", "mine"));
        Mono<String> first = calls.call(named).flatMap(reply -> reply.body().asString(100));
        Mono<String> second = Resume.DEFAULTS
                .uploads()
                .wrap(other)
                .call(put().withFields(Fields.of("resume-upload", "mine")))
                .flatMap(reply -> reply.body().asString(100));
        assertThat(Mono.zip(first, second).block(LONG)).containsExactly("300000", "300000");
        other.closeAsync(Duration.ZERO).block(LONG);
    }

    @Test
    void aNameThatIsNoneIsRefusedBeforeTheCall() {
        RpcException failure = catchThrowableOfType(
                RpcException.class,
                () -> calls.call(put().withFields(Fields.of("resume-upload", "../x")))
                        .block(LONG));
        assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.INVALID_ARGUMENT);
        assertThat(failure).hasMessageContaining("resume-upload");
        assertThat(folder.resolve("stored")).doesNotExist();
    }
}
