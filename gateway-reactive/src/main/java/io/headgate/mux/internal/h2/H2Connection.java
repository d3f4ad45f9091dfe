package io.headgate.mux.internal.h2;

import io.headgate.http.ConnectionInfo;
import io.headgate.mux.Limit;
import io.headgate.mux.MuxSettings;
import io.headgate.mux.internal.Failures;
import io.headgate.mux.internal.Flushable;
import io.headgate.mux.internal.Loop;
import io.headgate.mux.internal.SocketEnd;
import io.headgate.mux.internal.Ticker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionDecoder;
import io.netty.handler.codec.http2.DefaultHttp2ConnectionEncoder;
import io.netty.handler.codec.http2.DefaultHttp2FrameReader;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.DefaultHttp2LocalFlowController;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2CodecUtil;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2FrameReader;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2PromisedRequestVerifier;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One HTTP/2 connection, either side: Netty's handler for frames, states and windows, with what makes it cheap - one flush per
 * loop turn, frames gathered by {@link H2FrameWriter}, payloads by {@link H2Data} - and the verbs that exchanges use.
 *
 * <p>The window of the connection is refilled on receipt and that of a stream on consumption, so a slow stream holds no more
 * than its own window and never blocks its siblings.
 */
final class H2Connection extends Http2ConnectionHandler implements Flushable {

    private static final Logger LOG = LoggerFactory.getLogger(H2Connection.class);

    /** Room for many streams to send at once; not a bound of memory, which the windows of the streams are. */
    private static final int CONNECTION_WINDOW = 16 * 1024 * 1024;

    /** How much of what a peer sends after its last GOAWAY is read, so that the peer can read the GOAWAY. */
    private static final int MOST_SWALLOWED = 1024 * 1024;

    private final Loop loop;
    private final MuxSettings settings;
    private final ConnectionInfo info;
    private final H2FrameWriter frames;
    private final H2Guard guard;
    private final Http2Connection.PropertyKey exchangeKey;
    private @Nullable ChannelHandlerContext ctx;
    private boolean dirty;
    private boolean windowRaised;
    private long settingsSent;
    private long headSince; // when a header block began that is not whole; 0 while there is none
    private long leftSince; // when the last GOAWAY was sent; 0 before

    private H2Connection(
            Http2ConnectionDecoder decoder,
            Http2ConnectionEncoder encoder,
            Http2Settings initialSettings,
            Builder builder) {
        super(decoder, encoder, initialSettings, true);
        this.loop = builder.loop;
        this.settings = builder.settings;
        this.info = builder.info;
        this.frames = builder.frames;
        this.guard = builder.guard;
        this.exchangeKey = connection().newKey();
    }

    static H2Connection server(MuxSettings settings, Loop loop, ConnectionInfo info, Http2FrameListener listener) {
        Http2Settings initial =
                initial(settings).maxConcurrentStreams(settings.maxStreams()).connectProtocolEnabled(true);
        return new Builder(true, settings, loop, info, initial, listener).build();
    }

    static H2Connection client(MuxSettings settings, Loop loop, ConnectionInfo info, Http2FrameListener listener) {
        Http2Settings initial = initial(settings).pushEnabled(false);
        return new Builder(false, settings, loop, info, initial, listener).build();
    }

    private static Http2Settings initial(MuxSettings settings) {
        return new Http2Settings()
                .initialWindowSize(settings.streamWindow())
                .maxHeaderListSize(settings.maxHeadBytes());
    }

    // ---- life

    @Override
    public void handlerAdded(ChannelHandlerContext added) throws Exception {
        super.handlerAdded(added);
        ctx = added;
        raiseWindow(added);
    }

    @Override
    public void channelActive(ChannelHandlerContext active) throws Exception {
        super.channelActive(active);
        raiseWindow(active);
    }

    private void raiseWindow(ChannelHandlerContext opened) throws Http2Exception {
        if (!windowRaised && opened.channel().isActive()) {
            windowRaised = true;
            settingsSent = loop.ticker().now();
            guard.awaitSettingsAck();
            Http2Stream whole = connection().connectionStream();
            connection()
                    .local()
                    .flowController()
                    .incrementWindowSize(
                            whole,
                            CONNECTION_WINDOW
                                    - connection().local().flowController().windowSize(whole));
        }
    }

    @Override
    protected void onStreamError(
            ChannelHandlerContext failed, boolean outbound, Throwable cause, Http2Exception.StreamException error) {
        try {
            if (!outbound && error.error() == Http2Error.STREAM_CLOSED && guard.isLate(error.streamId())) {
                return; // sent before the peer saw our reset: to be ignored (RFC 9113 section 5.1)
            }
            LOG.debug("stream {} of {} failed", error.streamId(), this, error);
            if (error instanceof Http2Exception.HeaderListSizeException) {
                report(Limit.HEAD_BYTES);
            }
            super.onStreamError(failed, outbound, cause, error);
            if (!outbound) {
                guard.answeredError(error.error());
            }
        } catch (Http2Exception flood) {
            onConnectionError(failed, false, flood, flood);
        }
    }

    /** Says GOAWAY with the last stream that was begun, so that the peer knows what was not, and ends. */
    @Override
    protected void onConnectionError(
            ChannelHandlerContext failed, boolean outbound, Throwable cause, @Nullable Http2Exception error) {
        LOG.debug("{} failed", this, cause);
        leave(error == null ? Http2Error.INTERNAL_ERROR : error.error(), String.valueOf(cause.getMessage()));
    }

    /**
     * Ends at once what is open, and the connection when the peer has had time to read why: a close with unread input would
     * make the system drop the GOAWAY.
     */
    private void leave(Http2Error error, String why) {
        if (leftSince != 0) {
            return;
        }
        leftSince = loop.ticker().now();
        guard.shut();
        goAway(connection().remote().lastStreamCreated(), error, why);
        connection()
                .close(channel().voidPromise()); // the one that Netty uses when the channel goes: no other may follow
        if (!connection().isServer()) {
            channel().close();
            return;
        }
        SocketEnd.halfClose(channel());
    }

    /** Not by the method of the handler: that one closes as soon as it has written an error, whatever is unread. */
    private void goAway(int lastStream, Http2Error error, String why) {
        ByteBuf debug = ByteBufUtil.writeUtf8(channel().alloc(), why);
        try {
            if (connection().goAwaySent(lastStream, error.code(), debug)) {
                frames.writeGoAway(
                        channel(),
                        lastStream,
                        error.code(),
                        debug.retain(),
                        channel().newPromise());
            }
        } catch (Http2Exception e) {
            LOG.debug("{} says no GOAWAY", this, e);
        } finally {
            debug.release();
        }
        flush(channel());
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext failed, Throwable cause) throws Exception {
        if (Http2CodecUtil.getEmbeddedHttp2Exception(cause) != null) {
            super.exceptionCaught(failed, cause);
        } else if (!Failures.isPremature(failed.channel(), cause)) {
            Failures.log(LOG, "connection", failed.channel(), cause);
            failed.close();
        }
    }

    // ---- flush

    void flushLater() {
        if (!dirty) {
            dirty = true;
            loop.flushLater(this);
        }
    }

    @Override
    public void flushNow() {
        dirty = false;
        if (ctx != null && ctx.isRemoved()) {
            frames.close(); // the end of the connection resets streams, which writes once more
        } else if (ctx != null) {
            flush(ctx);
        }
    }

    @Override
    public void flush(ChannelHandlerContext flushed) {
        try {
            encoder().flowController().writePendingBytes();
        } catch (Http2Exception e) {
            onError(flushed, true, e);
        }
        frames.drain();
        flushed.flush();
        frames.flushed();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext read) {
        discardSomeReadBytes();
        if (encoder().flowController().channelHandlerContext() != null) {
            flushLater(); // what was read may have opened windows
        }
        read.fireChannelReadComplete();
    }

    // ---- streams

    /** What is attached to a stream. */
    @Nullable Object exchange(@Nullable Http2Stream stream) {
        return stream == null ? null : stream.getProperty(exchangeKey);
    }

    void attach(Http2Stream stream, Object exchange) {
        stream.setProperty(exchangeKey, exchange);
    }

    void writeHeaders(int streamId, Http2Headers headers, boolean endStream) {
        encoder()
                .writeHeaders(
                        channel(), streamId, headers, 0, endStream, channel().newPromise());
    }

    /** Writes the end of a stream behind what is queued; runs a task when it is out, before the stream closes. */
    void writeTrailers(int streamId, Http2Headers trailers, Runnable written) {
        ChannelPromise promise = channel().newPromise();
        promise.addListener(future -> {
            if (future.isSuccess()) {
                written.run();
            }
        });
        encoder().writeHeaders(channel(), streamId, trailers, 0, true, promise);
        flushLater();
    }

    /** Queues bytes for a stream, taking ownership; they leave as the windows allow. */
    void writeData(Http2Stream stream, H2Data.Sender sender, ByteBuf chunk, boolean endStream) {
        if (!stream.state().localSideOpen()) {
            chunk.release(); // reset in the meantime; its exchange is told of that
            return;
        }
        encoder().flowController().addFlowControlled(stream, new H2Data(this, stream, sender, chunk, endStream));
        flushLater();
    }

    void writeDataFrame(int streamId, ByteBuf chunk, int length, boolean endStream) {
        guard.sentData();
        frames.data(channel(), streamId, chunk, length, endStream);
    }

    int maxFrameSize() {
        return frames.maxFrameSize();
    }

    void ended(Http2Stream stream) {
        closeStreamLocal(stream, channel().newSucceededFuture());
    }

    void reset(int streamId, Http2Error error) {
        encoder().writeRstStream(channel(), streamId, error.code(), channel().newPromise());
    }

    /** How many bytes of a stream nobody has consumed. */
    int unconsumed(Http2Stream stream) {
        return connection().local().flowController().unconsumedBytes(stream);
    }

    /** Returns window: as many bytes may come on the stream. */
    void consumed(Http2Stream stream, int bytes) {
        if (bytes <= 0 || stream.state() == Http2Stream.State.CLOSED) {
            return;
        }
        try {
            if (connection().local().flowController().consumeBytes(stream, bytes)) {
                flushLater();
            }
        } catch (Http2Exception e) {
            onError(channel(), true, e);
        }
    }

    /** An exchange was completed, which speaks for the peer. */
    void served() {
        guard.served();
    }

    /** Tells the observer what the peer has done. */
    void report(Limit limit) {
        loop.exceeded(limit, info);
    }

    // ---- the end

    /** Says that streams above the last one will not be served. */
    void goAway(int lastStream) {
        if (channel().channel().isActive() && leftSince == 0) {
            goAway(lastStream, Http2Error.NO_ERROR, "");
        }
    }

    /** Asks for a sign that all that the peer has sent until now has come. */
    void ping(long data) {
        encoder().writePing(channel(), false, data, channel().newPromise());
    }

    /** Sends what is written, then the end; what still comes is dropped. */
    void shutdownOutput() {
        guard.shut();
        flushNow();
        SocketEnd.halfClose(channel());
    }

    /** Says goodbye and closes. */
    void goAwayAndClose() {
        goAway(connection().remote().lastStreamCreated());
        channel().close();
    }

    // ---- time

    /** Looks at what the peer owes: the rest of a header block, an acknowledgement, its leave. */
    void tick(long now) {
        Ticker ticker = loop.ticker();
        guard.tick(now);
        headSince = !guard.isInsideHead() ? 0 : headSince == 0 ? now : headSince;
        if (leftSince != 0) {
            if (guard.swallowed() > MOST_SWALLOWED || ticker.isOver(leftSince, settings.linger())) {
                channel().close();
            }
        } else if (headSince != 0 && ticker.isOver(headSince, settings.requestHead())) {
            report(Limit.SLOW_HEAD);
            leave(Http2Error.ENHANCE_YOUR_CALM, "header block: not complete in " + settings.requestHead());
        } else if (windowRaised
                && guard.awaitsSettingsAck()
                && ticker.isOver(settingsSent, settings.h2().settingsAck())) {
            report(Limit.SETTINGS_ACK);
            leave(
                    Http2Error.SETTINGS_TIMEOUT,
                    "SETTINGS: not acknowledged in " + settings.h2().settingsAck());
        }
    }

    ChannelHandlerContext channel() {
        if (ctx == null) {
            throw new IllegalStateException("handler has not been added");
        }
        return ctx;
    }

    @Override
    public String toString() {
        return "HTTP/2 connection " + (ctx == null ? "" : ctx.channel());
    }

    /** Assembles the handler; Netty's own guards are off, so that each limit is in one place. */
    private static final class Builder extends AbstractHttp2ConnectionHandlerBuilder<H2Connection, Builder> {

        private final MuxSettings settings;
        private final Loop loop;
        private final ConnectionInfo info;
        private final H2FrameWriter frames;
        private final H2Guard guard;
        private final FlushHook flushHook = new FlushHook();

        Builder(
                boolean server,
                MuxSettings settings,
                Loop loop,
                ConnectionInfo info,
                Http2Settings initial,
                Http2FrameListener listener) {
            this.settings = settings;
            this.loop = loop;
            this.info = info;
            this.frames = new H2FrameWriter(flushHook);
            Http2Connection connection = new DefaultHttp2Connection(server, 0);
            connection
                    .local()
                    .flowController(new DefaultHttp2LocalFlowController(
                            connection, DefaultHttp2LocalFlowController.DEFAULT_WINDOW_UPDATE_RATIO, true));
            connection
                    .remote()
                    .flowController(new DefaultHttp2RemoteFlowController(
                            connection, new UniformStreamByteDistributor(connection)));
            Http2FrameReader reader = new DefaultHttp2FrameReader(new HeadersDecoder(settings), Integer.MAX_VALUE);
            this.guard = new H2Guard(reader, connection, settings.h2(), frames, limit -> loop.exceeded(limit, info));
            Http2ConnectionEncoder encoder = new DefaultHttp2ConnectionEncoder(connection, frames);
            Http2ConnectionDecoder decoder = new DefaultHttp2ConnectionDecoder(
                    connection, encoder, guard, Http2PromisedRequestVerifier.ALWAYS_VERIFY, true, true, true);
            decoderEnforceMaxConsecutiveEmptyDataFrames(0);
            decoderEnforceMaxRstFramesPerWindow(0, 0);
            codec(decoder, encoder);
            initialSettings(initial);
            frameListener(listener);
            flushPreface(false);
        }

        @Override
        protected H2Connection build() {
            return super.build();
        }

        @Override
        protected H2Connection build(
                Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings initialSettings) {
            H2Connection built = new H2Connection(decoder, encoder, initialSettings, this);
            flushHook.connection = built;
            return built;
        }
    }

    /** Decompresses into lists of our own; checks the order of pseudo-headers and connection fields as Netty does. */
    private static final class HeadersDecoder extends DefaultHttp2HeadersDecoder {

        private final MuxSettings settings;

        HeadersDecoder(MuxSettings settings) {
            super(true, settings.maxHeadBytes());
            this.settings = settings;
        }

        /** The guard bounds blocks; within that bound too large a head is answered, not cut. */
        @Override
        public long maxHeaderListSizeGoAway() {
            return Integer.MAX_VALUE;
        }

        @Override
        protected Http2Headers newHeaders() {
            return new H2DecodedHeaders(settings.dropUnderscores());
        }
    }

    /** Ties the knot between the writer, which is made first, and the connection that it writes for. */
    private static final class FlushHook implements Runnable {

        private @Nullable H2Connection connection;

        @Override
        public void run() {
            if (connection != null) {
                connection.flushLater();
            }
        }
    }
}
