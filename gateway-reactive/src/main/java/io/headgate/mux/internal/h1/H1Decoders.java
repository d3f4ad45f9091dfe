package io.headgate.mux.internal.h1;

import io.headgate.mux.MuxSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
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
        return H1DecodedHeaders.in(new HttpDecoderConfig(), settings.dropUnderscores())
                .setMaxInitialLineLength(settings.maxLineBytes())
                .setMaxHeaderSize(settings.maxHeadBytes())
                .setMaxChunkSize(MOST_CHUNK)
                .setAllowDuplicateContentLengths(false)
                .setAllowPartialChunks(true)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true);
    }

    /**
     * Decodes requests; tells whether part of a message is waiting for more bytes. It refuses what the decoder below would
     * mend, because not everybody behind mends it: folded lines, and any white space in a request line but one space between
     * its parts (RFC 9112 sections 3 and 5.2).
     */
    static final class Requests extends HttpRequestDecoder {

        private boolean begun;
        private boolean holding;
        private boolean inBody;
        private boolean spaced; // white space where none may be
        private int lineStart;

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
            if (!isStrict(internalBuffer(), initialLine[0], initialLine[1], initialLine[2])) {
                throw new IllegalArgumentException("request line: malformed (expected: method, target, HTTP/1.1)");
            }
            return super.createMessage(initialLine);
        }

        /** Whether the line before the present position is just these words with a space between them. */
        private boolean isStrict(ByteBuf buffer, String method, String target, String version) {
            int end = buffer.readerIndex() - 2; // CR LF
            int second = end - version.length() - 1;
            int first = second - target.length() - 1;
            int start = first - method.length();
            return version.length() == 8
                    && version.startsWith("HTTP/")
                    && (start == lineStart || start > lineStart && buffer.getByte(start - 1) == LINE_FEED)
                    && buffer.getByte(first) == ' '
                    && buffer.getByte(second) == ' ';
        }

        @Override
        protected void decode(ChannelHandlerContext ctx, ByteBuf buffer, List<Object> out) throws Exception {
            if (holding) {
                return;
            }
            if (inBody || !buffer.isReadable()) {
                super.decode(ctx, buffer, out);
            } else {
                lineStart = buffer.readerIndex();
                spaced |= isSpace(buffer, lineStart);
                super.decode(ctx, buffer, out);
                spaced |= hasFold(buffer, lineStart, buffer.readerIndex());
            }
            for (int i = 0; i < out.size(); i++) {
                if (out.get(i) instanceof HttpMessage head) {
                    inBody = true;
                    refuseSpaced(head);
                }
                inBody &= !(out.get(i) instanceof LastHttpContent);
            }
        }

        private void refuseSpaced(HttpMessage head) {
            if (spaced) {
                spaced = false;
                head.setDecoderResult(DecoderResult.failure(
                        new IllegalArgumentException("line: begins with white space (expected: none)")));
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
            return bodiless || ((HttpResponse) message).status().code() == 101 || super.isContentAlwaysEmpty(message);
        }

        /** Whether a 101 was asked for and what follows it is for the connection above to say. */
        @Override
        protected boolean isSwitchingToNonHttp1Protocol(HttpResponse message) {
            return false;
        }
    }
}
