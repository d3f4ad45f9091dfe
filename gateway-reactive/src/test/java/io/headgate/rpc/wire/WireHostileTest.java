package io.headgate.rpc.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.Ending;
import io.headgate.rpc.Ending.Kind;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Mono;

/** What a side that is called may do wrong, and a caller that sends too much. */
class WireHostileTest {

    private static Arguments fault(String told, Consumer<RawPeer> deed) {
        return Arguments.of(told, deed);
    }

    /** Answers of a side that was called on stream 2. */
    static Stream<Arguments> answers() {
        return Stream.of(
                fault("TRAILER of stream 2: in the middle of an element (expected: its end before)", p -> {
                    p.write(out -> {
                        Frames.header(out, 3, FrameType.HEADER, 0, 2);
                        out.writeByte(Content.JSON.ordinal()).writeShort(0);
                    });
                    p.frame(FrameType.DATA, FrameType.MORE, 2, 600);
                    p.frame(FrameType.TRAILER, 0, 2, 5);
                }),
                fault("HEADER of stream 2: a second one (expected: one)", p -> {
                    p.frame(FrameType.HEADER, 0, 2, 3);
                    p.frame(FrameType.HEADER, 0, 2, 3);
                }),
                fault("HEADER of stream 2: a second one (expected: one)", p -> {
                    p.frame(FrameType.DATA, 0, 2, 3);
                    p.frame(FrameType.HEADER, 0, 2, 3);
                }),
                fault(
                        "stream id of HEADER: 4 (expected: one of a call that has begun)",
                        p -> p.frame(FrameType.HEADER, 0, 4, 3)),
                fault(
                        "CREDIT of stream 2: 2147483647 bytes (expected: at most 2147483647 in all)",
                        p -> p.write(out -> Frames.credit(out, 2, 1, Integer.MAX_VALUE))),
                fault(
                        "status: 200 (expected: 0..16)",
                        p -> p.write(out -> {
                            Frames.header(out, 5, FrameType.TRAILER, 0, 2);
                            out.writeByte(200).writeZero(4);
                        })),
                fault(
                        "content: 9 (expected: 0..3)",
                        p -> p.write(out -> {
                            Frames.header(out, 3, FrameType.HEADER, 0, 2);
                            out.writeByte(9).writeZero(2);
                        })));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("answers")
    void whoAnswersWronglyIsCutAndTheCallFails(String told, Consumer<RawPeer> deed) {
        RawPeer peer = RawPeer.greeted(RpcSpec.DEFAULTS);
        List<Throwable> errors = new ArrayList<>();
        peer.connection
                .call(RpcRequest.of(
                        "e",
                        Content.JSON,
                        Content.JSON,
                        Body.of(Mono.<ByteBuf>never().flux(), -1, Mono.<Fields>empty())))
                .flatMapMany(RpcReply::body)
                .subscribe(ByteBuf::release, errors::add);
        peer.read();
        deed.accept(peer);
        assertThat(peer.read()).last().isEqualTo("ERROR 0 0 UNAVAILABLE " + told);
        assertThat(peer.ending()).isEqualTo(Ending.of(Kind.VIOLATED, told));
        assertThat(errors).singleElement().hasFieldOrPropertyWithValue("rpcStatus", RpcStatus.UNAVAILABLE);
        assertThat(peer.connection.stats().heldIn()).isZero();
        peer.end();
    }

    @Test
    void whatHadCreditAndWasOnItsWayWhenThisSideAbortsIsDroppedAndNotMuchMore() {
        RpcSettings small = RpcSettings.builder()
                .streamWindow(4096)
                .connectionWindow(8192)
                .maxLeftover(1000)
                .build();
        RawPeer peer = RawPeer.greeted(RpcSpec.DEFAULTS.withSettings(small));
        peer.connection.abort("enough");
        assertThat(peer.read()).last().isEqualTo("ERROR 0 0 UNAVAILABLE enough");
        peer.bytes(Unpooled.wrappedBuffer(new byte[8192 + 1000]));
        assertThat(peer.channel.isActive()).isTrue();
        peer.bytes(Unpooled.wrappedBuffer(new byte[1]));
        assertThat(peer.channel.isActive()).isFalse();
        assertThat(peer.ending()).isEqualTo(Ending.of(Kind.ABORTED, "enough"));
        peer.end();
    }
}
