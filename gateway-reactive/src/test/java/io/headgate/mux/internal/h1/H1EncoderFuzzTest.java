package io.headgate.mux.internal.h1;

import static org.assertj.core.api.Assertions.fail;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.headgate.http.Fields;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.mux.fuzz.StrictHttp1;
import io.headgate.mux.internal.OutputBuffer;
import io.headgate.mux.internal.h1.H1Encoder.Framing;
import io.headgate.mux.internal.h1.H1Encoder.Persistence;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;

/**
 * Whatever the public API lets one put into a head: what is written is one message for a strict reader. The first byte says
 * what kind of message, then come method, target, authority, and fields, one to a line.
 */
class H1EncoderFuzzTest {

    private final EmbeddedChannel channel = new EmbeddedChannel(new ChannelInboundHandlerAdapter());

    @FuzzTest
    void headIsWritten(byte[] input) {
        if (input.length == 0) {
            return;
        }
        int kind = input[0] & 0xff;
        String[] lines = new String(input, 1, input.length - 1, StandardCharsets.ISO_8859_1).split("\n", 64);
        boolean isRequest = (kind & 4) == 0;
        Framing framing =
                Framing.values()[(kind & 3) % (isRequest ? 3 : 4)]; // a request does not end with its connection
        OutputBuffer output = new OutputBuffer(channel.pipeline().firstContext());
        int status = 200 + kind % 300;
        try {
            Fields fields = fields(lines);
            if (isRequest) {
                RequestHead head = new RequestHead(lines[0], "http", line(lines, 2), line(lines, 1), fields);
                H1Encoder.requestHead(output, head, framing, 3, null);
            } else {
                Persistence persistence = Persistence.values()[kind % 3];
                H1Encoder.replyHead(output, new ReplyHead(status, fields), framing, 3, false, persistence);
            }
        } catch (IllegalArgumentException e) {
            output.release();
            return; // the API refuses it
        }
        if (framing != Framing.NONE) {
            H1Encoder.data(output, Unpooled.copiedBuffer("abc", StandardCharsets.US_ASCII), false, framing);
            H1Encoder.end(output, Fields.empty(), framing);
        }
        check(new StrictHttp1(written(output)), isRequest, framing == Framing.NONE || status == 204 || status == 304);
    }

    private static void check(StrictHttp1 reader, boolean isRequest, boolean bodiless) {
        StrictHttp1.Message message = isRequest ? reader.request() : reader.reply(bodiless);
        if (!message.whole() || reader.hasMore() && !bodiless) {
            fail("written: " + message + " (expected: one message)");
        }
    }

    private static Fields fields(String[] lines) {
        Fields.Builder fields = Fields.builder();
        for (int i = 3; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            fields.add(lines[i].substring(0, Math.max(colon, 0)), lines[i].substring(colon + 1));
        }
        return fields.build();
    }

    private static String line(String[] lines, int index) {
        return index < lines.length ? lines[index] : "/";
    }

    private byte[] written(OutputBuffer output) {
        output.drain();
        channel.flush();
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf part = channel.readOutbound(); part != null; part = channel.readOutbound()) {
            all.writeBytes(part);
            part.release();
        }
        return ByteBufUtil.getBytes(all);
    }
}
