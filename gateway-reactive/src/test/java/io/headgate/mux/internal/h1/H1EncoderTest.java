package io.headgate.mux.internal.h1;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Fields;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.mux.internal.OutputBuffer;
import io.headgate.mux.internal.h1.H1Encoder.Framing;
import io.headgate.mux.internal.h1.H1Encoder.Persistence;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class H1EncoderTest {

    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());
    private final ChannelHandlerContext ctx = channel.pipeline().firstContext();
    private final OutputBuffer output = new OutputBuffer(ctx);

    @AfterEach
    void close() {
        output.release();
        channel.finishAndReleaseAll();
    }

    private String written() {
        output.drain();
        ctx.flush();
        StringBuilder text = new StringBuilder();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            text.append(part.toString(StandardCharsets.ISO_8859_1));
            part.release();
        }
        return text.toString();
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1);
    }

    @Test
    void requestHeadLeavesOutWhatIsMadeAnew() {
        Fields fields = Fields.of(
                "content-length",
                "99",
                "transfer-encoding",
                "gzip",
                "connection",
                "x",
                "upgrade",
                "y",
                "host",
                "evil",
                "keep-alive",
                "1",
                "X-A",
                "\u00e9");
        H1Encoder.requestHead(output, RequestHead.of("PUT", "h:1", "/p").withFields(fields), Framing.LENGTH, 12, null);
        assertThat(written()).isEqualTo("PUT /p HTTP/1.1\r\nhost: h:1\r\nX-A: \u00e9\r\ncontent-length: 12\r\n\r\n");
    }

    @Test
    void requestHeadJoinsCookiesAndNamesTe() {
        Fields fields = Fields.of("cookie", "a=1", "te", "trailers", "Cookie", "b=2");
        H1Encoder.requestHead(output, RequestHead.of("GET", "h", "/").withFields(fields), Framing.NONE, 0, null);
        assertThat(written())
                .isEqualTo("GET / HTTP/1.1\r\nhost: h\r\nte: trailers\r\ncookie: a=1; b=2\r\nconnection: te\r\n\r\n");
    }

    @Test
    void replyHeadSaysHowLongAndWhetherTheConnectionStays() {
        ReplyHead head = new ReplyHead(200, Fields.of("content-length", "99", "a", "b"));
        H1Encoder.replyHead(output, head, Framing.LENGTH, 5, false, Persistence.CLOSE);
        assertThat(written()).isEqualTo("HTTP/1.1 200 OK\r\na: b\r\ncontent-length: 5\r\nconnection: close\r\n\r\n");
        H1Encoder.replyHead(output, head, Framing.CHUNKED, -1, false, Persistence.DEFAULT);
        assertThat(written()).isEqualTo("HTTP/1.1 200 OK\r\na: b\r\ntransfer-encoding: chunked\r\n\r\n");
        H1Encoder.replyHead(output, head, Framing.NONE, 0, true, Persistence.KEEP_ALIVE);
        assertThat(written())
                .isEqualTo("HTTP/1.1 200 OK\r\ncontent-length: 99\r\na: b\r\nconnection: keep-alive\r\n\r\n");
    }

    @Test
    void chunksHaveSizesAndAnEnd() {
        H1Encoder.data(output, bytes("abc"), false, Framing.CHUNKED);
        H1Encoder.data(output, bytes(""), false, Framing.CHUNKED);
        H1Encoder.data(output, bytes("x".repeat(17)), true, Framing.CHUNKED);
        assertThat(written()).isEqualTo("3\r\nabc\r\n11\r\n" + "x".repeat(17) + "\r\n0\r\n\r\n");
    }

    @Test
    void largeChunksPassByReferenceInOrder() {
        String large = "x".repeat(5000);
        H1Encoder.data(output, bytes("abc"), false, Framing.CHUNKED);
        H1Encoder.data(output, bytes(large), true, Framing.CHUNKED);
        assertThat(written()).isEqualTo("3\r\nabc\r\n1388\r\n" + large + "\r\n0\r\n\r\n");
    }

    @Test
    void trailersGoWhereChunksAre() {
        H1Encoder.end(output, Fields.of("x", "1", "content-length", "9"), Framing.CHUNKED);
        assertThat(written()).isEqualTo("0\r\nx: 1\r\n\r\n");
        H1Encoder.end(output, Fields.empty(), Framing.CHUNKED);
        assertThat(written()).isEqualTo("0\r\n\r\n");
        H1Encoder.end(output, Fields.of("x", "1"), Framing.LENGTH);
        assertThat(written()).isEmpty();
    }

    @Test
    void bytesOfOtherFramingsAreBare() {
        H1Encoder.data(output, bytes("abc"), true, Framing.LENGTH);
        H1Encoder.data(output, bytes("de"), true, Framing.CLOSE);
        assertThat(written()).isEqualTo("abcde");
    }
}
