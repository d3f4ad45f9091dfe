package io.headgate.mux.internal.h2;

import static org.assertj.core.api.Assertions.fail;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.headgate.mux.MuxSettings;
import io.headgate.mux.RequestException;
import io.headgate.mux.fuzz.HeadOracle;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;

/** The validator of heads behind HTTP/2: header blocks, compressed by hand or by chance. */
class H2HeadFuzzTest {

    private static final MuxSettings SETTINGS =
            MuxSettings.builder().maxFields(16).build();
    private static final int LONGEST = 126; // what one byte of length can say

    @FuzzTest
    void headerBlockComes(byte[] input) {
        if (input.length == 0) {
            return;
        }
        ByteBuf block = (input[0] & 1) == 0 ? block(input) : Unpooled.wrappedBuffer(input, 1, input.length - 1);
        Http2Headers headers;
        try {
            headers = new Decoder().decodeHeaders(1, block);
        } catch (Http2Exception | IllegalArgumentException e) {
            return; // refused as it is decoded
        }
        if (headers.getAll("content-length").size() > 1) {
            return; // refused by Netty's connection, which stands between the two
        }
        try {
            H2Heads.Request request = H2Heads.request(headers, (input[0] & 2) == 0, (input[0] & 4) == 0, SETTINGS);
            HeadOracle.check(request.head());
            String length = request.head().fields().get("content-length");
            if (request.length() != (length == null ? -1 : Long.parseLong(length))) {
                fail("framing: length " + request.length() + ", field " + length);
            }
        } catch (RequestException e) {
            if (e.status() < 400 || e.status() > 599) {
                fail("status: " + e.status() + " (expected: 400..599)");
            }
        }
    }

    /** A block of literals: one field to a line, name and value parted by a tab. */
    private static ByteBuf block(byte[] input) {
        ByteBuf block = Unpooled.buffer(input.length * 2);
        String text = new String(input, 1, input.length - 1, StandardCharsets.ISO_8859_1);
        for (String line : text.split("\n", -1)) {
            int tab = line.indexOf('\t');
            block.writeByte(0);
            literal(block, line.substring(0, Math.max(tab, 0)));
            literal(block, line.substring(tab + 1));
        }
        return block;
    }

    private static void literal(ByteBuf block, String text) {
        String cut = text.length() > LONGEST ? text.substring(0, LONGEST) : text;
        block.writeByte(cut.length());
        block.writeCharSequence(cut, StandardCharsets.ISO_8859_1);
    }

    /** As the connection has it. */
    private static final class Decoder extends DefaultHttp2HeadersDecoder {

        Decoder() {
            super(true, SETTINGS.maxHeadBytes());
        }

        @Override
        protected Http2Headers newHeaders() {
            return new H2DecodedHeaders(SETTINGS.dropUnderscores());
        }
    }
}
