package io.headgate.mux.fuzz;

import static io.headgate.mux.fuzz.HeadOracle.ensure;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads what one side of an HTTP/2 connection wrote, frame by frame, and checks that it makes sense: sizes, states of
 * streams, header blocks, lengths (RFC 9113 sections 5.1, 6 and 8).
 */
final class H2Reader {

    private static final int PREFACE = 24;

    /** What was said on one stream. */
    static final class Stream {

        final List<Http2Headers> heads = new ArrayList<>(1);
        long bytes;
        boolean trailers;
        boolean ended;
        boolean reset;

        /** The last head that is not interim, or null. */
        Http2Headers head() {
            return heads.isEmpty() || isInterim(heads.get(heads.size() - 1)) ? null : heads.get(heads.size() - 1);
        }

        private static boolean isInterim(Http2Headers head) {
            return head.status() != null && head.status().charAt(0) == '1';
        }
    }

    final Map<Integer, Stream> streams = new HashMap<>();
    private final DefaultHttp2HeadersDecoder decoder = new DefaultHttp2HeadersDecoder(true, 1 << 20);
    private final ByteBuf in;

    H2Reader(byte[] written, boolean ofClient) throws Http2Exception {
        in = Unpooled.wrappedBuffer(written);
        decoder.configuration().maxHeaderTableSize(0xffffffffL);
        if (ofClient) {
            in.skipBytes(Math.min(PREFACE, in.readableBytes()));
        }
        while (in.isReadable()) {
            frame();
        }
    }

    private void frame() throws Http2Exception {
        ensure(in.readableBytes() >= 9, "frame header", in.readableBytes());
        int length = in.readUnsignedMedium();
        int type = in.readUnsignedByte();
        int flags = in.readUnsignedByte();
        int id = in.readInt();
        ensure(id >= 0 && in.readableBytes() >= length, "frame", type);
        ByteBuf payload = in.readSlice(length);
        switch (type) {
            case 0 -> data(id, length, (flags & 1) != 0);
            case 1 -> headers(id, flags, payload);
            case 3 -> {
                ensure(id > 0 && length == 4, "RST_STREAM", id);
                // Netty also resets streams that are still idle, for a WINDOW_UPDATE of 0; those may be opened later
                stream(id).reset = !stream(id).heads.isEmpty();
            }
            case 4 -> ensure(id == 0 && length % 6 == 0, "SETTINGS", length);
            case 6 -> ensure(id == 0 && length == 8, "PING", length);
            case 7 -> ensure(id == 0 && length >= 8, "GOAWAY", length);
            case 8 -> ensure(length == 4 && payload.getInt(0) > 0, "WINDOW_UPDATE", length);
            default -> ensure(false, "frame", type);
        }
    }

    private Stream stream(int id) {
        return streams.computeIfAbsent(id, unknown -> new Stream());
    }

    private void headers(int id, int flags, ByteBuf first) throws Http2Exception {
        ensure((flags & 0x28) == 0, "HEADERS: flags", flags);
        ByteBuf block = Unpooled.copiedBuffer(first);
        int last = flags;
        while ((last & 4) == 0) {
            int length = in.readUnsignedMedium();
            ensure(in.readUnsignedByte() == 9, "CONTINUATION", "missing");
            last = in.readUnsignedByte();
            ensure(in.readInt() == id, "CONTINUATION", "of another stream");
            block.writeBytes(in, length);
        }
        Http2Headers headers = decoder.decodeHeaders(id, block);
        Stream stream = stream(id);
        ensure(!stream.ended && !stream.reset && !stream.trailers, "HEADERS after the end of a stream", id);
        boolean end = (flags & 1) != 0;
        if (stream.head() == null) {
            ensure(headers.status() != null || headers.method() != null, "head without status or method", headers);
            stream.heads.add(headers);
        } else {
            ensure(end && headers.status() == null && headers.method() == null, "trailers", headers);
            stream.trailers = true;
        }
        ended(stream, end);
    }

    private void data(int id, int length, boolean end) {
        Stream stream = stream(id);
        ensure(stream.head() != null && !stream.ended && !stream.reset, "DATA out of place, stream", id);
        stream.bytes += length;
        ended(stream, end);
    }

    private static void ended(Stream stream, boolean end) {
        Http2Headers head = stream.head();
        stream.ended |= end;
        ensure(!end || head != null, "end of a stream without a head", "");
        if (head == null || stream.bytes == 0) {
            return;
        }
        Long length = head.getLong("content-length");
        if (length != null) {
            ensure(stream.bytes <= length && (!end || stream.bytes == length), "content-length", head);
        }
    }
}
