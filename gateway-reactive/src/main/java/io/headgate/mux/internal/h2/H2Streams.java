package io.headgate.mux.internal.h2;

import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2Stream;

/** Remembers the streams of a connection that have closed last, and how: Netty forgets them at once. */
final class H2Streams {

    /** More than can be on the way from a peer that keeps to the stream limit. */
    private static final int REMEMBERED = 256;

    private final int[] closed = new int[REMEMBERED]; // negative: reset by this side
    private int count;

    H2Streams(Http2Connection connection, H2Budget budget) {
        connection.addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                boolean reset = stream.isResetSent();
                closed[count++ & REMEMBERED - 1] = reset ? -stream.id() : stream.id();
                if (reset) {
                    budget.expectLate();
                }
            }
        });
    }

    boolean hasReset(int streamId) {
        return remembers(-streamId);
    }

    boolean hasClosed(int streamId) {
        return remembers(streamId);
    }

    private boolean remembers(int mark) {
        for (int known : closed) {
            if (known == mark) {
                return true;
            }
        }
        return false;
    }
}
