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

        Requests(MuxSettings settings) {
            super(config(settings));
        }

        boolean isInsideHead() {
            return actualReadableBytes() > 0;
        }
    }

    /** Decodes replies; must be told of HEAD, and tells what is left over after a reply. */
    static final class Replies extends HttpResponseDecoder {

        private boolean bodiless;

        Replies(MuxSettings settings) {
            super(config(settings));
        }

        /** Whether the next final reply answers HEAD. */
        void expect(boolean replyToHead) {
            bodiless = replyToHead;
        }

        boolean hasLeftover() {
            return actualReadableBytes() > 0;
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
