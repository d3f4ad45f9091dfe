package io.headgate.mux.internal.h1;

import io.headgate.mux.MuxSettings;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;

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
