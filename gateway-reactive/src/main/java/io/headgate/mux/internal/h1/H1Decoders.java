package io.headgate.mux.internal.h1;

import io.headgate.mux.MuxSettings;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.DecoderResult;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/** Netty's decoders with the strictest settings, said aloud so that no system property can loosen them. */
final class H1Decoders {

    private static final int MOST_CHUNK = 64 * 1024;
    private static final byte LINE_FEED = '\n';

    private H1Decoders() {}

    private static HttpDecoderConfig config(MuxSettings settings) {
        return new HttpDecoderConfig()
                .setMaxInitialLineLength(settings.maxLineBytes())
                .setMaxHeaderSize(settings.maxHeadBytes())
                .setMaxChunkSize(MOST_CHUNK)
                .setHeadersFactory(new H1DecodedHeaders.Factory(settings.dropUnderscores()))
                .setTrailersFactory(new H1DecodedHeaders.Factory(settings.dropUnderscores()))
                .setAllowDuplicateContentLengths(false)
                .setAllowPartialChunks(true)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true);
    }

    /**
     * Decodes requests; tells whether part of a message is waiting for more bytes. It refuses lines that are folded (RFC 9112
     * section 5.2), which the decoder below would join, because not everybody behind joins them.
     */
    static final class Requests extends HttpRequestDecoder {

        private boolean begun;
        private boolean folded;
        private boolean inBody;

        Requests(MuxSettings settings) {
            super(config(settings));
        }

        /** Whether part of a head has come; whole lines leave the buffer before the head is whole. */
        boolean isInsideHead() {
            return begun || actualReadableBytes() > 0;
        }

        /** The head that had begun has been passed on. */
        void headRead() {
            begun = false;
        }

        @Override
        protected HttpMessage createMessage(String[] initialLine) throws Exception {
            begun = true;
            return super.createMessage(initialLine);
        }

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out) throws Exception {
            if (inBody) {
                super.decode(ctx, buffer, out);
            } else {
                int start = buffer.readerIndex();
                folded |= begun && isSpace(buffer, start);
                super.decode(ctx, buffer, out);
                folded |= hasFold(buffer, start, buffer.readerIndex());
            }
            for (int i = 0; i < out.size(); i++) {
                if (out.get(i) instanceof HttpMessage head) {
                    inBody = true;
                    if (folded) {
                        folded = false;
                        head.setDecoderResult(DecoderResult.failure(
                                new IllegalArgumentException("field line: folded (expected: one line)")));
                    }
                }
                inBody &= !(out.get(i) instanceof LastHttpContent);
            }
        }

        private static boolean hasFold(ByteBuf buffer, int start, int end) {
            for (int at = buffer.indexOf(start, end, LINE_FEED); at >= 0; at = buffer.indexOf(at, end, LINE_FEED)) {
                at++;
                if (at < end && isSpace(buffer, at)) {
                    return true;
                }
            }
            return false;
        }

        private static boolean isSpace(ByteBuf buffer, int at) {
            byte b = buffer.getByte(at);
            return b == ' ' || b == '\t';
        }
    }

    /** Decodes replies; must be told of HEAD, and tells what is left over after a reply. */
    static final class Replies extends HttpResponseDecoder {

        private boolean bodiless;
        private boolean begun;

        Replies(MuxSettings settings) {
            super(config(settings));
        }

        /** Whether the next final reply answers HEAD. */
        void expect(boolean replyToHead) {
            bodiless = replyToHead;
        }

        /** Whether part of another reply has come; whole lines leave the buffer before the head is whole. */
        boolean hasLeftover() {
            return begun || actualReadableBytes() > 0;
        }

        /** The head that had begun has been passed on. */
        void headRead() {
            begun = false;
        }

        @Override
        protected HttpMessage createMessage(String[] initialLine) {
            begun = true;
            return super.createMessage(initialLine);
        }

        @Override
        protected boolean isContentAlwaysEmpty(HttpMessage message) {
            return bodiless || super.isContentAlwaysEmpty(message);
        }

        /** An upgrade is not asked for, so a 101 is an error that the connection above deals with. */
        @Override
        protected boolean isSwitchingToNonHttp1Protocol(HttpResponse message) {
            return false;
        }
    }
}
