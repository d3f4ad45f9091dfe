package io.headgate.rpc.wire;

import static io.headgate.rpc.wire.WireCallTest.call;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service.Status;
import io.headgate.Trait;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.Ending;
import io.headgate.rpc.Ending.Kind;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.core.publisher.Mono;
import reactor.test.subscriber.TestSubscriber;

class WireFaultTest {

    /** What a side that breaks the protocol sends, and what it is told. */
    static Stream<Arguments> faults() {
        return Stream.of(
                fault(
                        "type of frame: 0x7e (expected: HELLO 0x01 .. BYE 0x0a, or at least 0x80)",
                        p -> p.frame(0x7e, 0, 1, 3)),
                fault(
                        "type of frame: 0x00 (expected: HELLO 0x01 .. BYE 0x0a, or at least 0x80)",
                        p -> p.frame(0, 0, 0, 0)),
                fault("stream id of HELLO: 0 (expected: no second HELLO)", p -> p.hello(RpcSettings.DEFAULTS)),
                fault(
                        "length of DATA: 4294967295 (expected: at most 1048576)",
                        p -> p.write(out -> Frames.header(out, -1, FrameType.DATA, 0, 1))),
                fault(
                        "length of HEADER: 32769 (expected: at most 32768)",
                        p -> p.write(out -> Frames.header(out, 32769, FrameType.HEADER, 0, 1))),
                fault(
                        "stream id of DATA: 4294967295 (expected: at most 2147483647)",
                        p -> p.frame(FrameType.DATA, 0, -1, 0)),
                fault(
                        "stream id of DATA: 1 (expected: one of a call that has begun)",
                        p -> p.frame(FrameType.DATA, 0, 1, 1)),
                fault(
                        "stream id of TRAILER: 2 (expected: one of a call that has begun)",
                        p -> p.frame(FrameType.TRAILER, 0, 2, 5)),
                fault(
                        "stream id of PING: 7 (expected: 0, it is the connection's)",
                        p -> p.frame(FrameType.PING, 0, 7, 8)),
                fault("CREDIT or PING: 7 bytes left (expected: at least 8)", p -> p.frame(FrameType.PING, 0, 0, 7)),
                fault("stream id of HEADER: 1 (expected: more than 1)", p -> {
                    p.write(out -> RawPeer.call(out, 0, 1, "never", Content.JSON));
                    p.write(out -> RawPeer.call(out, 0, 1, "never", Content.JSON));
                }),
                fault(
                        "HEADER of a call: 3 bytes left (expected: at least 11)",
                        p -> p.frame(FrameType.HEADER, 0, 1, 3)),
                fault("TRAILER of stream 1: from the caller (expected: from who answers)", p -> {
                    p.write(out -> RawPeer.call(out, 0, 1, "never", Content.JSON));
                    p.frame(FrameType.TRAILER, 0, 1, 5);
                }),
                fault("elements of stream 1: 2 (expected: at most 0, which were asked for)", p -> {
                    p.write(out -> RawPeer.call(out, 0, 1, "never", Content.JSON));
                    p.frame(FrameType.DATA, 0, 1, 5);
                    p.frame(FrameType.DATA, 0, 1, 5);
                }),
                fault("DATA: 1048576 bytes (expected: no more than there was credit for on the connection)", p -> {
                    for (int stream = 1; stream < 40; stream += 2) {
                        int id = stream;
                        p.write(out -> RawPeer.call(out, 0, id, "never", Content.JSON));
                        p.frame(FrameType.DATA, 0, id, 1 << 20);
                    }
                }),
                fault("DATA of stream 1: MORE (expected: none in octets)", p -> {
                    p.write(out -> RawPeer.call(out, 0, 1, "all", Content.OCTETS));
                    p.frame(FrameType.DATA, FrameType.MORE, 1, 1000);
                }),
                fault("DATA of stream 1: MORE with 10 bytes (expected: at least 512)", p -> {
                    p.write(out -> RawPeer.call(out, 0, 1, "all", Content.JSON));
                    p.frame(FrameType.DATA, FrameType.MORE, 1, 10);
                }),
                fault("DATA of stream 1: END in the middle of an element (expected: MORE or END)", p -> {
                    p.write(out -> RawPeer.call(out, 0, 1, "all", Content.JSON));
                    p.frame(FrameType.DATA, FrameType.MORE, 1, 600);
                    p.frame(FrameType.DATA, FrameType.MORE | FrameType.END, 1, 600);
                }),
                fault("elements in several frames at one time, with that of stream 9: 5 (expected: at most 4)", p -> {
                    for (int stream = 1; stream < 11; stream += 2) {
                        int id = stream;
                        p.write(out -> RawPeer.call(out, 0, id, "all", Content.JSON));
                        p.frame(FrameType.DATA, FrameType.MORE, id, 600);
                    }
                }),
                fault("DATA of stream 1: VOID with 1 bytes (expected: END and no bytes)", p -> {
                    p.write(out -> RawPeer.call(out, 0, 1, "all", Content.JSON));
                    p.frame(FrameType.DATA, FrameType.VOID, 1, 1);
                }),
                fault(
                        "CREDIT of the connection: 2147483647 bytes (expected: at most 2147483647 in all)",
                        p -> p.write(out -> Frames.credit(out, 0, 0, Integer.MAX_VALUE))),
                fault(
                        "BYE: with 0 calls open (expected: none, and a GOAWAY before)",
                        p -> p.frame(FrameType.BYE, 0, 0, 0)));
    }

    private static Arguments fault(String told, Consumer<RawPeer> deed) {
        return Arguments.of(told, deed);
    }

    private static Mono<RpcReply> handle(RpcRequest request) {
        if (request.endpoint().equals("all")) {
            request.body().subscribe(ByteBuf::release, error -> {});
        }
        return Mono.never();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("faults")
    void whoBreaksTheProtocolIsToldAndCut(String told, Consumer<RawPeer> deed) {
        RawPeer peer = RawPeer.greeted(RpcSpec.DEFAULTS.withHandler(WireFaultTest::handle));
        deed.accept(peer);
        assertThat(peer.read()).last().isEqualTo("ERROR 0 0 UNAVAILABLE " + told);
        assertThat(peer.ending()).isEqualTo(Ending.of(Kind.VIOLATED, told));
        peer.end();
    }

    @Test
    void versionsThatDoNotMeetAreNamedOnBothSides() {
        RawPeer peer = RawPeer.silent(RpcSpec.DEFAULTS);
        peer.bytes("headgate-rpc 2-3\n");
        String told = "version of the other side: 2-3 (expected: one of 1-1, which this side speaks)";
        assertThat(peer.read()).containsExactly("HELLO 0 0 52", "ERROR 0 0 UNAVAILABLE " + told);
        assertThat(peer.ending()).isEqualTo(Ending.of(Kind.VIOLATED, told));
        peer.end();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n",
                "headgate-rpc \n",
                "headgate-rpc 1\n",
                "headgate-rpc 3-1\n",
                "headgate-rpc 1-9999999\n",
                "headgate-rpc --\n",
                "headgate-rpc 1-111111111111111111111111111111111111111111111111111111"
            })
    void whatIsNoBannerIsNamed(String garbage) {
        RawPeer peer = RawPeer.silent(RpcSpec.DEFAULTS);
        TestSubscriber<Void> opened = TestSubscriber.create();
        peer.connection.opened().subscribe(opened);
        peer.bytes(garbage);
        assertThat(peer.ending().kind()).isEqualTo(Kind.VIOLATED);
        assertThat(peer.ending().detail())
                .startsWith("banner: \"" + garbage.substring(0, 3))
                .endsWith("(expected: \"headgate-rpc MIN-MAX\", as in \"headgate-rpc 1-1\")");
        assertThat(((RpcException) opened.expectTerminalError()).rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
        peer.end();
    }

    @Test
    void aBannerMayComeInPiecesAndALaterVersionIsSpokenAsOurs() {
        RawPeer peer = RawPeer.silent(RpcSpec.DEFAULTS);
        for (char c : "headgate-rpc 1-7\n".toCharArray()) {
            peer.bytes(String.valueOf(c));
        }
        peer.hello(RpcSettings.DEFAULTS);
        assertThat(peer.connection.isOpen()).isTrue();
        peer.channel.close();
        assertThat(peer.ending().kind()).isEqualTo(Kind.LOST);
        peer.end();
    }

    @Test
    void framesThatAreNotKnownYetAreReadPast() {
        RawPeer peer = RawPeer.greeted(RpcSpec.DEFAULTS.withHandler(WireCallTest::echo));
        peer.write(out -> {
            Frames.header(out, 1000, 0x80, 0xff, 77);
            out.writeZero(500);
        });
        peer.write(out -> {
            out.writeZero(500);
            Frames.ping(out, 0, 42);
        });
        assertThat(peer.read()).containsExactly("PING 1 0 8");
        peer.channel.close();
        peer.end();
    }

    @Test
    void aByteStreamThatEndsInAFrameSaysWhatIsMissing() {
        RawPeer peer = RawPeer.greeted(RpcSpec.DEFAULTS.withHandler(WireFaultTest::handle));
        peer.write(out -> {
            RawPeer.call(out, 0, 1, "all", Content.JSON);
            Frames.header(out, 1000, FrameType.DATA, 0, 1);
            out.writeZero(300);
        });
        peer.channel.close();
        assertThat(peer.ending().kind()).isEqualTo(Kind.LOST);
        assertThat(peer.ending().detail())
                .isEqualTo("byte stream: ended in the middle of a frame: DATA, 700 bytes missing, in phase OPEN"
                        + " (expected: BYE before)");
        peer.end();
    }

    @Test
    void anElementThatIsTooLargeEndsItsCallAndNothingElse() {
        RpcSettings settings = RpcSettings.builder()
                .maxElement(10_000)
                .maxFrame(4096)
                .streamWindow(16_384)
                .connectionWindow(16_384)
                .build();
        List<Throwable> seen = new ArrayList<>();
        RawPeer peer = RawPeer.greeted(RpcSpec.DEFAULTS.withSettings(settings).withHandler(request -> {
            request.body().subscribe(ByteBuf::release, seen::add);
            return Mono.never();
        }));
        peer.write(out -> RawPeer.call(out, 0, 1, "upload", Content.JSON));
        int credit = 0;
        for (int i = 0; i < 20; i++) {
            peer.frame(FrameType.DATA, FrameType.MORE, 1, 4096);
            for (String frame : peer.read()) {
                if (frame.startsWith("CREDIT 0 0 ")) {
                    credit += Integer.parseInt(frame.substring(13));
                } else if (frame.startsWith("ERROR")) {
                    assertThat(frame)
                            .isEqualTo("ERROR 0 1 INVALID_ARGUMENT upload, element of JSON: at least 12288 bytes"
                                    + " (expected: at most 10000)");
                }
            }
        }
        assertThat(credit).isEqualTo(20 * 4096);
        assertThat(seen).hasSize(1);
        peer.write(out -> Frames.ping(out, 0, 42));
        assertThat(peer.read()).containsExactly("PING 1 0 8");
        peer.channel.close();
        peer.end();
    }

    @Test
    void callsBeyondTheLimitAreRefusedUnprocessed() {
        RawPeer peer = RawPeer.greeted(RpcSpec.DEFAULTS
                .withSettings(RpcSettings.builder().maxStreams(1).build())
                .withHandler(request -> Mono.never()));
        peer.write(out -> RawPeer.call(out, FrameType.END, 1, "a", Content.JSON));
        peer.write(out -> RawPeer.call(out, 0, 3, "b", Content.JSON));
        peer.frame(FrameType.DATA, FrameType.END, 3, 100);
        assertThat(peer.read())
                .containsExactly("ERROR 1 3 RESOURCE_EXHAUSTED b, calls in flight: 1 (expected: less than 1)");
        peer.channel.close();
        peer.end();
    }

    @Test
    void aSideThatIsFullIsBusyAndRefusesItsOwnCalls() {
        RpcSettings few = RpcSettings.builder().maxStreams(1).build();
        Pair pair = Pair.of(few, request -> Mono.never());
        TestSubscriber<RpcReply> first = TestSubscriber.create();
        pair.caller.call(call("a", Body.empty())).subscribe(first);
        pair.run();
        assertThat(pair.caller.status()).isEqualTo(Status.BUSY);
        RpcException refusal = WireCallTest.failure(pair, pair.caller.call(call("b", Body.of(pair.utf8("x")))));
        assertThat(refusal.rpcStatus()).isEqualTo(RpcStatus.RESOURCE_EXHAUSTED);
        assertThat(refusal.is(Trait.RETRYABLE)).isTrue();
        first.cancel();
        assertThat(pair.caller.status()).isEqualTo(Status.OPEN);
        pair.close();
    }

    @Test
    void whatTheOtherSideWouldNotTakeIsNotSent() {
        Pair pair = Pair.of(RpcSettings.builder().maxHeader(512).build(), WireCallTest::echo);
        RpcException refusal = WireCallTest.failure(
                pair,
                pair.caller.call(call("e", Body.of(pair.utf8("x"))).withFields(Fields.of("big", "x".repeat(600)))));
        assertThat(refusal.rpcStatus()).isEqualTo(RpcStatus.INVALID_ARGUMENT);
        assertThat(refusal).hasMessageStartingWith("e, name and metadata: 623 bytes (expected: at most 512");
        pair.close();
    }
}
