package io.headgate.rpc.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.headgate.Deadline;
import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.retry.Backoff;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.net.RpcClient;
import io.headgate.rpc.net.RpcClientSpec;
import io.headgate.rpc.net.RpcServer;
import io.headgate.rpc.net.RpcServerSpec;
import io.headgate.rpc.wire.HeadgateWire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** However an upload fails, over a connection: who called it is told of the endpoint that was called, not of steps. */
@Timeout(60)
class UploadFailuresTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Resume ONCE = Resume.DEFAULTS.withBackoff(Backoff.NONE).withAttempts(1);

    private Mono<Long> offset = Mono.just(0L);
    private Mono<Long> written = Mono.just(5L);
    private Flux<ByteBuf> read = Flux.empty();
    private Mono<RpcReply> answer = Mono.never();
    private RpcServer server;
    private RpcClient client;

    private final class Scripted implements UploadSink {

        @Override
        public Mono<Long> offset(Upload upload) {
            return offset;
        }

        @Override
        public Mono<Long> write(Upload upload, long from, Flux<ByteBuf> bytes) {
            return bytes.doOnNext(ByteBuf::release).then(Mono.defer(() -> {
                offset = written;
                return written;
            }));
        }

        @Override
        public Flux<ByteBuf> read(Upload upload, long from) {
            return read;
        }
    }

    @BeforeEach
    void serve() {
        Service<RpcRequest, RpcReply> handler = request -> {
            request.body().discard();
            return answer;
        };
        server = RpcServer.bind(RpcServerSpec.of("tcp://127.0.0.1:0", HeadgateWire.DIALECT)
                        .withHandler(Resume.takes(new Scripted()).apply(handler)))
                .block(LONG);
        client = RpcClient.of(RpcClientSpec.of(server.address().toString(), HeadgateWire.DIALECT));
    }

    @AfterEach
    void close() {
        client.closeAsync(Duration.ZERO).block(LONG);
        server.closeAsync(Duration.ZERO).block(LONG);
    }

    private RpcException failure(Resume resume, Deadline deadline) {
        Body body = SeekableBody.of("v1", 5, at -> Flux.just(Unpooled.copiedBuffer(new byte[5 - (int) at])));
        RpcRequest request =
                RpcRequest.of("files/put", Content.OCTETS, Content.JSON, body).withDeadline(deadline);
        Throwable failure = catchThrowable(() -> resume.uploads()
                .wrap(client)
                .call(request)
                .flatMap(reply -> reply.body().asString(100))
                .block(LONG));
        assertThat(failure).isInstanceOf(RpcException.class);
        assertThat(failure.getMessage()).startsWith("files/put").doesNotContain("headgate.resume");
        return (RpcException) failure;
    }

    private RpcException failure() {
        return failure(ONCE, Deadline.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"offset", "bytes", "commit"})
    void aDeadlineThatIsOver(String step) {
        offset = step.equals("offset") ? Mono.never() : offset;
        written = step.equals("bytes") ? Mono.never() : written;
        assertThat(failure(ONCE, Deadline.after(Duration.ofMillis(500))).rpcStatus())
                .isEqualTo(RpcStatus.DEADLINE_EXCEEDED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"offset", "bytes", "sum", "handler"})
    void aFaultThatIsMasked(String step) {
        IOException secret = new IOException("no space left on /dev/secret");
        offset = step.equals("offset") ? Mono.error(secret) : offset;
        written = step.equals("bytes") ? Mono.error(secret) : written;
        read = Flux.error(secret);
        answer = Mono.error(secret);
        Resume resume = step.equals("sum") ? ONCE.withChecksum(Checksum.CRC32C) : ONCE;
        assertThat(failure(resume, Deadline.NONE)).hasMessageMatching("files/put: internal error, id [0-9a-f]+");
    }

    @Test
    void aConnectionThatIsLostAndAnotherThatIsLost() {
        written = Mono.defer(() -> {
            server.connections().forEach(connection -> connection.abort("cut by the test"));
            return Mono.error(new IOException("cut"));
        });
        assertThat(failure()).hasMessageStartingWith("files/put: lost at byte 0 and 2 times since");
    }

    @Test
    void aReplyThatFailsInItsBody() {
        answer = Mono.fromSupplier(
                () -> RpcReply.of(Content.JSON, Body.of(Flux.error(new IOException("no space left on /dev/secret")))));
        assertThat(failure()).hasMessageMatching("files/put: internal error, id [0-9a-f]+");
    }

    @Test
    void aHandlerThatNeverAnswers() {
        answer = Mono.empty();
        assertThat(failure().rpcStatus()).isEqualTo(RpcStatus.INTERNAL);
    }

    @Test
    void otherWordsAreAllThatChanges() {
        RpcException told = RpcException.remote(RpcStatus.ABORTED, "a", true);
        RpcException other = told.withMessage("b");
        assertThat(other).hasMessage("b");
        assertThat(other.rpcStatus()).isEqualTo(told.rpcStatus());
        assertThat(other.traits()).isEqualTo(told.traits());
        assertThat(other.isRemote()).isTrue();
    }
}
