package io.headgate.rpc.zrepl;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSpec;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Both ends are ours, on a TCP connection. */
class ZreplPairTest {

    private final Loopback net = new Loopback();

    @AfterEach
    void closes() {
        net.close();
    }

    private static final RpcSpec ECHO =
            RpcSpec.DEFAULTS.withHandler(request -> Mono.just(RpcReply.of(request.content(), request.body())));

    private RpcRequest json(String endpoint, String text) {
        return RpcRequest.of(endpoint, Content.JSON, Content.JSON, Body.of(net.alloc.utf8(text)));
    }

    @Test
    void aDocumentGoesThereAndBackAndTheCloseIsClean() {
        Loopback.Pair pair = net.pair(RpcSpec.DEFAULTS, ECHO);
        for (int i = 0; i < 3; i++) {
            String text = "{\"number\":" + i + "}";
            String answer = pair.initiator()
                    .call(json("echo", text))
                    .flatMap(reply -> reply.body().asString(1000))
                    .block(Loopback.SOON);
            assertThat(answer).isEqualTo(text);
        }
        pair.initiator().closeAsync(Duration.ofSeconds(1)).block(Loopback.SOON);
        assertThat(pair.endOfInitiator().kind()).isEqualTo(Ending.Kind.CLEAN);
        assertThat(pair.endOfAcceptor().kind()).isEqualTo(Ending.Kind.CLEAN);
    }

    @Test
    void octetsGoThereAndBackWhateverTheyAreCutInto() {
        Loopback.Pair pair = net.pair(RpcSpec.DEFAULTS, ECHO);
        Flux<ByteBuf> source = Flux.range(0, 200)
                .map(i -> net.alloc.heapBuffer(50_000).writeZero(50_000).setInt(0, i));
        Long bytes = pair.initiator()
                .call(RpcRequest.of("echo", Content.OCTETS, Content.OCTETS, Body.of(source)))
                .flatMapMany(RpcReply::body)
                .map(part -> {
                    long length = part.readableBytes();
                    part.release();
                    return length;
                })
                .reduce(0L, Long::sum)
                .block(Loopback.SOON);
        assertThat(bytes).isEqualTo(10_000_000);
        pair.initiator().closeAsync(Duration.ofSeconds(1)).block(Loopback.SOON);
        assertThat(pair.endOfAcceptor().kind()).isEqualTo(Ending.Kind.CLEAN);
    }

    @Test
    void theAcceptorSaysGoodbyeByItself() {
        Loopback.Pair pair = net.pair(RpcSpec.DEFAULTS, ECHO);
        pair.initiator().opened().block(Loopback.SOON);
        pair.acceptor().closeAsync(Duration.ofSeconds(1)).block(Loopback.SOON);
        assertThat(pair.endOfInitiator().kind()).isEqualTo(Ending.Kind.CLEAN);
        assertThat(pair.endOfAcceptor().kind()).isEqualTo(Ending.Kind.CLEAN);
    }
}
