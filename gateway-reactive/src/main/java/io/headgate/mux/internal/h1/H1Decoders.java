package io.headgate.mux.internal.h1;

import io.headgate.mux.MuxSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import java.util.List;

/** Netty's decoders with the strictest settings, said aloud so that no system property can loosen them. */
final class H1Decoders {

    private static final int MOST_CHUNK = 64 * 1024;

    private H1Decoders() {}

    private static HttpDecoderConfig config(MuxSettings settings) {
        return new HttpDecoderConfig()
                .setMaxInitialLineLength(settings.maxLineBytes())
                .setMaxHeaderSize(settings.maxHeadBytes())
                .setMaxChunkSize(MOST_CHUNK)
                .setHeadersFactory(H1DecodedHeaders.FACTORY)
                .setTrailersFactory(H1DecodedHeaders.FACTORY)
                .setAllowDuplicateContentLengths(false)
                .setAllowPartialChunks(true)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true);
    }

    /** Decodes requests; tells whether part of a message is waiting for more bytes. */
    static final class Requests extends HttpRequestDecoder {

        private boolean begun;
        private boolean holding;

        Requests(MuxSettings settings) {
            super(config(settings));
        }

        /** Leaves what comes as it is, until it is known whether it is HTTP. */
        void hold() {
            holding = true;
        }

        /** What comes from now on is HTTP. */
        void goOn() {
            holding = false;
        }

        /** Decodes what was held. */
        void decodeHeld(ChannelHandlerContext ctx) {
            try {
                channelRead(ctx, Unpooled.EMPTY_BUFFER);
            } catch (Exception e) {
                ctx.fireExceptionCaught(e);
            }
        }

        /** How many bytes are held; 0 when none need be. */
        int held() {
            return holding ? actualReadableBytes() : 0;
        }

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out) throws Exception {
            if (!holding) {
                super.decode(ctx, buffer, out);
            }
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
            return bodiless || ((HttpResponse) message).status().code() == 101 || super.isContentAlwaysEmpty(message);
        }

        /** Whether a 101 was asked for and what follows it is for the connection above to say. */
        @Override
        protected boolean isSwitchingToNonHttp1Protocol(HttpResponse message) {
            return false;
        }
    }
}
