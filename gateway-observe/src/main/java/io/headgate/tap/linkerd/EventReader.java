package io.headgate.tap.linkerd;

import com.google.protobuf.Duration;
import io.headgate.tap.TapEvent;
import io.headgate.tap.TapEvent.Dropped;
import io.headgate.tap.TapEvent.End;
import io.headgate.tap.TapEvent.Peers;
import io.headgate.tap.TapHeaders;
import io.headgate.tap.TapId;
import io.headgate.tap.TapPoint;
import io.headgate.tap.linkerd.internal.wire.BodyData;
import io.headgate.tap.linkerd.internal.wire.EndExtras;
import io.headgate.tap.linkerd.internal.wire.TapEvent.Http;
import io.headgate.tap.linkerd.internal.wire.TapEvent.Http.StreamId;
import io.headgate.tap.linkerd.internal.wire.TapEvent.ProxyDirection;
import io.netty.handler.codec.http2.Http2Error;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads events as the wire spells them, ours and those of Linkerd.
 *
 * @param headers what of header fields is shown: who sends them need not know that some are secret
 */
record EventReader(TapHeaders headers) {

    private static final long NANOS = 1_000_000_000L;

    /** The word for a failure that nothing is known of, as everywhere. */
    private static final String UNKNOWN = "unclassified";

    /** Returns null for what is not known here. */
    @Nullable TapEvent decode(io.headgate.tap.linkerd.internal.wire.TapEvent wire) {
        return switch (wire.getEventCase()) {
            case HTTP -> exchange(wire.getHttp(), peers(wire));
            case DROPPED ->
                new Dropped(wire.getDropped().getEvents(), wire.getDropped().getExchanges());
            case EVENT_NOT_SET -> null;
        };
    }

    private static Peers peers(io.headgate.tap.linkerd.internal.wire.TapEvent wire) {
        return new Peers(
                wire.getProxyDirection() == ProxyDirection.OUTBOUND ? TapPoint.OUTBOUND : TapPoint.INBOUND,
                WireAddresses.decode(wire.getSource()),
                sorted(wire.getSourceMeta().getLabelsMap()),
                WireAddresses.decode(wire.getDestination()),
                sorted(wire.getDestinationMeta().getLabelsMap()),
                sorted(wire.getRouteMeta().getLabelsMap()));
    }

    private static Map<String, String> sorted(Map<String, String> labels) {
        return labels.isEmpty() ? Map.of() : new TreeMap<>(labels);
    }

    private @Nullable TapEvent exchange(Http wire, Peers peers) {
        return switch (wire.getEventCase()) {
            case REQUEST_INIT -> request(wire.getRequestInit(), peers);
            case RESPONSE_INIT -> response(wire.getResponseInit(), peers);
            case RESPONSE_END -> end(wire.getResponseEnd(), peers);
            case BODY_DATA -> body(wire.getBodyData(), peers);
            case EVENT_NOT_SET -> null;
        };
    }

    private TapEvent request(Http.RequestInit wire, Peers peers) {
        return new TapEvent.RequestInit(
                id(wire.getId()),
                peers,
                WireNames.name(wire.getMethod()),
                WireNames.name(wire.getScheme()),
                wire.getAuthority(),
                target(wire),
                headers.extract(WireFields.decode(wire.getHeaders())));
    }

    /** The path alone if nobody says more. */
    private static String target(Http.RequestInit wire) {
        return wire.hasExtras()
                ? wire.getExtras().getTarget()
                : Objects.requireNonNullElse(WireFields.pseudo(wire.getHeaders(), ":path"), wire.getPath());
    }

    private TapEvent response(Http.ResponseInit wire, Peers peers) {
        return new TapEvent.ResponseInit(
                id(wire.getId()),
                peers,
                nanos(wire.getSinceRequestInit()),
                wire.getHttpStatus(),
                headers.extract(WireFields.decode(wire.getHeaders())));
    }

    private TapEvent end(Http.ResponseEnd wire, Peers peers) {
        return new TapEvent.ResponseEnd(
                id(wire.getId()),
                peers,
                nanos(wire.getSinceRequestInit()),
                wire.hasSinceResponseInit() ? nanos(wire.getSinceResponseInit()) : -1,
                wire.getExtras().getRequestBytes(),
                wire.getResponseBytes(),
                end(wire),
                headers.extract(WireFields.decode(wire.getTrailers())));
    }

    /** Linkerd says nothing of a failure that was no reset, so an end without a reply has to be one. */
    private static End end(Http.ResponseEnd wire) {
        EndExtras extras = wire.getExtras();
        if (extras.getEndCase() == EndExtras.EndCase.CANCELLED) {
            return new End.Cancelled();
        }
        String error = extras.getEndCase() == EndExtras.EndCase.ERROR ? extras.getError() : null;
        return switch (wire.getEos().getEndCase()) {
            case GRPC_STATUS_CODE -> new End.Grpc(wire.getEos().getGrpcStatusCode());
            case RESET_ERROR_CODE -> reset(Integer.toUnsignedLong(wire.getEos().getResetErrorCode()), error);
            case END_NOT_SET -> {
                boolean failed = error != null || !wire.hasSinceResponseInit();
                yield failed ? new End.Failed(Objects.requireNonNullElse(error, UNKNOWN), -1) : new End.Complete();
            }
        };
    }

    private static End reset(long code, @Nullable String error) {
        if (error != null) {
            return new End.Failed(error, code);
        }
        Http2Error known = Http2Error.valueOf(code);
        return new End.Failed("h2(" + (known == null ? "UNKNOWN" : known) + ")", code);
    }

    private static TapEvent body(BodyData wire, Peers peers) {
        return new TapEvent.BodyData(
                new TapId(wire.getBase(), wire.getStream()),
                peers,
                wire.getOfRequest(),
                wire.getOffset(),
                wire.getData().toByteArray(),
                wire.getIsCut());
    }

    private static TapId id(StreamId wire) {
        return new TapId(wire.getBase(), wire.getStream());
    }

    private static long nanos(Duration wire) {
        return wire.getSeconds() * NANOS + wire.getNanos();
    }
}
