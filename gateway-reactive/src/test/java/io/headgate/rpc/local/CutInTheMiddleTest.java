package io.headgate.rpc.local;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

/** A connection that is aborted while a body passes. */
class CutInTheMiddleTest {

    private final List<ByteBuf> sent = new ArrayList<>();

    private ByteBuf some(int bytes) {
        ByteBuf buffer = Unpooled.buffer(bytes).writeZero(bytes);
        sent.add(buffer);
        return buffer;
    }

    /** The source emits all that it has and completes within the first request, so nobody can cancel it in between. */
    @Test
    void aDownloadThatLostSomethingNeverEndsAsIfItWereWhole() {
        Flux<ByteBuf> three = Flux.just(1, 2, 3).map(this::some);
        RpcSpec callee =
                RpcSpec.DEFAULTS.withHandler(request -> Mono.just(RpcReply.of(Content.OCTETS, Body.of(three))));
        RpcConnection caller = InProcess.connect(RpcSpec.DEFAULTS, callee).initiator();
        RpcReply reply = caller.call(RpcRequest.of("get", Content.NONE, Content.OCTETS, Body.empty()))
                .block();
        List<Integer> got = new ArrayList<>();

        StepVerifier.create(reply.body().doOnNext(element -> {
                    got.add(element.readableBytes());
                    element.release();
                    caller.abort("enough");
                }))
                .expectNextCount(1)
                .expectErrorSatisfies(
                        error -> assertThat(((RpcException) error).rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE))
                .verify();

        assertThat(got).containsExactly(1);
        assertThat(sent).allMatch(buffer -> buffer.refCnt() == 0);
    }
}
