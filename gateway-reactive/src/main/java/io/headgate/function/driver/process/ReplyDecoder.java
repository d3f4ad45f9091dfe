package io.headgate.function.driver.process;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpResponseDecoder;

/** Netty's decoder with strict settings; tells whether a byte has come. */
final class ReplyDecoder extends HttpResponseDecoder {

    private static final int LONGEST_LINE = 4096;
    private static final int MOST_CHUNK = 64 * 1024;

    private boolean read;

    ReplyDecoder(int maxHead) {
        super(new HttpDecoderConfig()
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
}
