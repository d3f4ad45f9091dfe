package io.headgate.tap;

import io.headgate.http.ConnectionInfo;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.profile.RouteLabels;
import io.headgate.tap.TapEvent.BodyData;
import io.headgate.tap.TapEvent.End;
import io.headgate.tap.TapEvent.Peers;
import io.headgate.tap.TapEvent.RequestInit;
import io.headgate.tap.TapEvent.ResponseEnd;
import io.headgate.tap.TapEvent.ResponseInit;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import org.jspecify.annotations.Nullable;

/**
 * One exchange as one observation sees it. What is told of it goes into the outlet as little more than a note; events are made of the
 * notes by whoever delivers.
 */
final class TapStream {

    private final Observation observation;
    private final TapId id;
    private final TapSite site;
    private final ConnectionInfo connection;
    private final RouteLabels route;
    private final Shown ofRequest = new Shown();
    private final Shown ofReply = new Shown();

    // From here on for whoever delivers.
    private @Nullable Peers peers;
    private boolean isOver;

    /** How much of a body has been shown; for the thread of that body. */
    private static final class Shown {
        private int bytes;
        private boolean isCut;
    }

    TapStream(Observation observation, TapId id, TapSite site, HttpExchange exchange) {
        this.observation = observation;
        this.id = id;
        this.site = site;
        this.connection = exchange.connection();
        this.route = RouteLabels.of(exchange);
    }

    /** How much room a request head takes. */
    static int weight(TapRequest request, RequestHead head) {
        return head.target().length() + weight(request.headers(), head.fields());
    }

    private static int weight(TapHeaders headers, Fields fields) {
        int weight = 0;
        if (headers.shown()) {
            for (int i = 0; i < fields.size(); i++) {
                weight += fields.name(i).length() + fields.value(i).length();
            }
        }
        return weight;
    }

    boolean showsBodies() {
        return observation.request().bodyBytes() > 0;
    }

    private TapHeaders headers() {
        return observation.request().headers();
    }

    private Outlet outlet() {
        return observation.outlet();
    }

    /** Tells of the request, for which there is room. */
    void begin(RequestHead head, int bytes) {
        outlet().put(new Waiting(bytes) {
            @Override
            TapEvent event() {
                return new RequestInit(
                        id,
                        peers(),
                        head.method(),
                        head.scheme(),
                        head.authority(),
                        head.target(),
                        headers().extract(head.fields()));
            }
        });
    }

    void reply(ReplyHead head, long sinceRequest) {
        outlet().offer(new Waiting(weight(headers(), head.fields())) {
            @Override
            TapEvent event() {
                return new ResponseInit(
                        id, peers(), sinceRequest, head.status(), headers().extract(head.fields()));
            }
        });
    }

    /** Shows what passes of a body, as far as was asked for; borrows the buffer. */
    void body(boolean isRequest, ByteBuf buffer) {
        Shown shown = isRequest ? ofRequest : ofReply;
        if (shown.isCut || outlet().isOver()) {
            return;
        }
        int length = Math.min(buffer.readableBytes(), observation.request().bodyBytes() - shown.bytes);
        boolean isCut = length < buffer.readableBytes();
        byte[] data = ByteBufUtil.getBytes(buffer, buffer.readerIndex(), length);
        long offset = shown.bytes;
        shown.bytes += length;
        shown.isCut = isCut;
        outlet().offer(new Waiting(length) {
            @Override
            @Nullable TapEvent event() {
                return isOver ? null : new BodyData(id, peers(), isRequest, offset, data, isCut);
            }
        });
    }

    /** Tells of the end. */
    void end(End end, Fields trailers, long sinceRequest, long sinceReply, long requestBytes, long replyBytes) {
        outlet().force(new Waiting(weight(headers(), trailers)) {
            @Override
            TapEvent event() {
                isOver = true; // what a client still sends comes on a thread of its own, and may come late
                return new ResponseEnd(
                        id,
                        peers(),
                        sinceRequest,
                        sinceReply,
                        requestBytes,
                        replyBytes,
                        end,
                        headers().extract(trailers));
            }
        });
        observation.ended();
    }

    private Peers peers() {
        Peers known = peers;
        if (known == null) {
            known = site.peers(connection, route);
            peers = known;
        }
        return known;
    }
}
