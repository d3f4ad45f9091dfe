package io.headgate.function.driver.process;

import io.headgate.mux.internal.h1.H1DecodedHeaders;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.util.AsciiString;
import java.util.Arrays;

/** Netty's decoder with strict settings; tells whether a byte has come. */
final class ReplyDecoder extends HttpResponseDecoder {

    private static final int LONGEST_LINE = 4096;
    private static final int MOST_CHUNK = 64 * 1024;

    /** As the kit for Node.js writes them. */
    private static final AsciiString[] USUAL = {
        AsciiString.cached("Content-Type"),
        AsciiString.cached("Fn-Fdk-Version"),
        AsciiString.cached("Fn-Fdk-Runtime"),
        AsciiString.cached("Fn-Http-Status"),
        AsciiString.cached("Date"),
        AsciiString.cached("Connection"),
        AsciiString.cached("Keep-Alive"),
        AsciiString.cached("Transfer-Encoding"),
        AsciiString.cached("Content-Length")
    };

    private boolean read;

    ReplyDecoder(int maxHead) {
        super(H1DecodedHeaders.in(new HttpDecoderConfig(), false)
                .setMaxInitialLineLength(LONGEST_LINE)
                .setMaxHeaderSize(maxHead)
                .setMaxChunkSize(MOST_CHUNK)
                .setAllowDuplicateContentLengths(false)
                .setAllowPartialChunks(true)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true));
    }

    void startAnew() {
        read = false;
    }

    boolean hasRead() {
        return read;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
        read = true;
        super.channelRead(ctx, message);
    }

    @Override
    protected AsciiString splitHeaderName(byte[] line, int start, int length) {
        for (AsciiString usual : USUAL) {
            if (usual.length() == length && isAt(line, start, usual)) {
                return usual;
            }
        }
        return super.splitHeaderName(line, start, length);
    }

    private static boolean isAt(byte[] line, int start, AsciiString text) {
        int from = text.arrayOffset();
        return Arrays.equals(line, start, start + text.length(), text.array(), from, from + text.length());
    }
}
