package io.headgate.rpc.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcSpec;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Whose turn it is to send. A stream sends ten pieces before its own window ends, which is less than a turn. */
class TurnsTest {

    private static final int PIECE = 10 * 1024;
    private static final int WINDOW = 10 * PIECE;

    private static RawPeer peer(Content content, int pieceBytes, RpcSettings settings) {
        RawPeer peer = RawPeer.silent(RpcSpec.DEFAULTS.withHandler(request -> reply(request, content, pieceBytes)));
        peer.bytes(Banner.own());
        peer.hello(settings);
        peer.read();
        return peer;
    }

    private static Mono<RpcReply> reply(RpcRequest request, Content content, int pieceBytes) {
        request.body().discard();
        Flux<ByteBuf> pieces =
                Flux.range(0, 50).map(i -> Unpooled.buffer(pieceBytes).writeZero(pieceBytes));
        return Mono.just(RpcReply.of(content, Body.of(pieces, -1, Mono.<Fields>empty())));
    }

    private static void ask(RawPeer peer, Content content, int... streams) {
        peer.write(out -> {
            for (int stream : streams) {
                RawPeer.call(out, FrameType.END, stream, "bulk", content);
                Frames.credit(out, stream, Frames.UNBOUNDED, 0);
            }
        });
    }

    /** The streams in the order in which they sent, and how many pieces before another did. */
    private static List<String> turns(RawPeer peer) {
        List<String> turns = new ArrayList<>();
        String last = "";
        int pieces = 0;
        for (String frame : peer.received) {
            if (frame.startsWith("DATA")) {
                String stream = frame.split(" ")[2];
                if (!stream.equals(last) && pieces > 0) {
                    turns.add(last + ":" + pieces);
                    pieces = 0;
                }
                last = stream;
                pieces++;
            }
        }
        turns.add(last + ":" + pieces);
        return turns;
    }

    private static void end(RawPeer peer) {
        peer.channel.close();
        peer.end();
    }

    @Test
    void whomTheFullSocketCutsShortGoesOnBeforeTheOthers() {
        RawPeer peer = peer(
                Content.OCTETS,
                PIECE,
                RpcSettings.builder().streamWindow(WINDOW).build());
        peer.readNothing();
        ask(peer, Content.OCTETS, 1, 3, 5, 7);
        assertThat(peer.channel.isWritable()).isFalse();
        peer.readAgain();
        assertThat(turns(peer)).containsExactly("1:10", "3:10", "5:10", "7:10");
        end(peer);
    }

    @Test
    void whomTheWindowOfTheConnectionCutsShortKeepsItsPlaceWhenItsOwnCreditComes() {
        RawPeer peer = peer(
                Content.OCTETS,
                PIECE,
                RpcSettings.builder()
                        .streamWindow(WINDOW)
                        .connectionWindow(16 * PIECE)
                        .maxElement(WINDOW)
                        .build());
        ask(peer, Content.OCTETS, 1, 3, 5);
        peer.read();
        assertThat(turns(peer)).containsExactly("1:10", "3:6");
        peer.write(out -> {
            Frames.credit(out, 1, 0, 10 * PIECE);
            Frames.credit(out, 3, 0, 6 * PIECE);
            Frames.credit(out, 0, 0, 40 * PIECE);
        });
        peer.read();
        // Stream 3 had six pieces of a turn of thirteen.
        assertThat(turns(peer)).containsExactly("3:7", "5:10", "1:10", "3:3");
        end(peer);
    }

    @Test
    void theRightToSendInPartsIsPassedOnByWhoEndsBeforeItsTurn() {
        int large = 100 * 1024;
        RawPeer peer = peer(
                Content.JSON,
                large,
                RpcSettings.builder()
                        .maxFrame(16 * 1024)
                        .streamWindow(64 * 1024)
                        .connectionWindow(1 << 20)
                        .maxElement(1 << 20)
                        .build());
        ask(peer, Content.JSON, 1, 3, 5);
        peer.read();
        assertThat(turns(peer)).containsExactly("1:4");
        peer.write(out -> {
            Frames.cancel(out, 1);
            Frames.cancel(out, 3);
        });
        peer.read();
        assertThat(turns(peer)).containsExactly("5:4");
        end(peer);
    }
}
