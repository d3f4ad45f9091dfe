package io.headgate.tap.linkerd;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.UnsafeByteOperations;
import io.headgate.http.Fields;
import io.headgate.tap.TapEvent;
import io.headgate.tap.TapEvent.BodyData;
import io.headgate.tap.TapEvent.Dropped;
import io.headgate.tap.TapEvent.End;
import io.headgate.tap.TapEvent.OfExchange;
import io.headgate.tap.TapEvent.Peers;
import io.headgate.tap.TapEvent.RequestInit;
import io.headgate.tap.TapEvent.ResponseEnd;
import io.headgate.tap.TapEvent.ResponseInit;
import io.headgate.tap.TapId;
import io.headgate.tap.TapPoint;
import io.headgate.tap.linkerd.internal.wire.EndExtras;
import io.headgate.tap.linkerd.internal.wire.Eos;
import io.headgate.tap.linkerd.internal.wire.Headers;
import io.headgate.tap.linkerd.internal.wire.RequestExtras;
import io.headgate.tap.linkerd.internal.wire.TapEvent.EndpointMeta;
import io.headgate.tap.linkerd.internal.wire.TapEvent.Http;
import io.headgate.tap.linkerd.internal.wire.TapEvent.Http.StreamId;
import io.headgate.tap.linkerd.internal.wire.TapEvent.ProxyDirection;
import io.headgate.tap.linkerd.internal.wire.TapEvent.RouteMeta;
import io.headgate.tap.linkerd.internal.wire.TcpAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * Writes events for one observation as the wire spells them.
 *
 * @param showsHeaders whether header fields were asked for
 * @param tellsExtras whether the client knows what is not of the published API
 */
record EventWriter(boolean showsHeaders, boolean tellsExtras) {

    private static final long NANOS = 1_000_000_000L;

    /** Returns null for what the client does not know. */
    io.headgate.tap.linkerd.internal.wire.@Nullable TapEvent encode(TapEvent event) {
        if (event instanceof OfExchange exchange) {
            Http.Builder http = http(exchange);
            return http == null ? null : about(exchange.peers()).setHttp(http).build();
        }
        return tellsExtras ? dropped((Dropped) event) : null;
    }

    private static io.headgate.tap.linkerd.internal.wire.TapEvent dropped(Dropped dropped) {
        return io.headgate.tap.linkerd.internal.wire.TapEvent.newBuilder()
                .setDropped(io.headgate.tap.linkerd.internal.wire.Dropped.newBuilder()
                        .setEvents(dropped.events())
                        .setExchanges(dropped.exchanges()))
                .build();
    }

    private static io.headgate.tap.linkerd.internal.wire.TapEvent.Builder about(Peers peers) {
        var wire = io.headgate.tap.linkerd.internal.wire.TapEvent.newBuilder();
        TcpAddress source = address(peers.source());
        if (source != null) {
            wire.setSource(source);
        }
        TcpAddress destination = address(peers.destination());
        if (destination != null) {
            wire.setDestination(destination);
        }
        if (!peers.sourceLabels().isEmpty()) {
            wire.setSourceMeta(EndpointMeta.newBuilder().putAllLabels(peers.sourceLabels()));
        }
        if (!peers.destinationLabels().isEmpty()) {
            wire.setDestinationMeta(EndpointMeta.newBuilder().putAllLabels(peers.destinationLabels()));
        }
        if (!peers.routeLabels().isEmpty()) {
            wire.setRouteMeta(RouteMeta.newBuilder().putAllLabels(peers.routeLabels()));
        }
        return wire.setProxyDirection(
                peers.point().direction() == TapPoint.Direction.INBOUND
                        ? ProxyDirection.INBOUND
                        : ProxyDirection.OUTBOUND);
    }

    private static @Nullable TcpAddress address(@Nullable InetSocketAddress address) {
        return address == null ? null : WireAddresses.encode(address);
    }

    private Http.@Nullable Builder http(OfExchange event) {
        if (event instanceof RequestInit init) {
            return Http.newBuilder().setRequestInit(request(init));
        } else if (event instanceof ResponseInit init) {
            return Http.newBuilder().setResponseInit(response(init));
        } else if (event instanceof ResponseEnd end) {
            return Http.newBuilder().setResponseEnd(end(end));
        }
        return tellsExtras ? Http.newBuilder().setBodyData(body((BodyData) event)) : null;
    }

    private Http.RequestInit request(RequestInit init) {
        Http.RequestInit.Builder wire = Http.RequestInit.newBuilder()
                .setId(id(init.id()))
                .setMethod(WireNames.method(init.method()))
                .setAuthority(init.authority())
                .setPath(init.path());
        if (!init.scheme().isEmpty()) {
            wire.setScheme(WireNames.scheme(init.scheme()));
        }
        if (showsHeaders) {
            wire.setHeaders(headers(init));
        }
        if (tellsExtras) {
            wire.setExtras(RequestExtras.newBuilder().setTarget(init.target()));
        }
        return wire.build();
    }

    /**
     * With pseudo-headers, whatever the version of HTTP: an exchange here has none, and {@code :path} is where tools look for the
     * query.
     */
    private static Headers headers(RequestInit init) {
        Headers.Builder headers = Headers.newBuilder();
        WireFields.add(headers, ":method", init.method());
        WireFields.add(headers, ":scheme", init.scheme());
        WireFields.add(headers, ":authority", init.authority());
        WireFields.add(headers, ":path", init.target());
        WireFields.add(headers, init.headers());
        return headers.build();
    }

    private Http.ResponseInit response(ResponseInit init) {
        Http.ResponseInit.Builder wire = Http.ResponseInit.newBuilder()
                .setId(id(init.id()))
                .setSinceRequestInit(duration(init.sinceRequestInit()))
                .setHttpStatus(init.status());
        if (showsHeaders) {
            Headers.Builder headers = Headers.newBuilder();
            WireFields.add(headers, ":status", Integer.toString(init.status()));
            WireFields.add(headers, init.headers());
            wire.setHeaders(headers);
        }
        return wire.build();
    }

    private Http.ResponseEnd end(ResponseEnd end) {
        Http.ResponseEnd.Builder wire = Http.ResponseEnd.newBuilder()
                .setId(id(end.id()))
                .setSinceRequestInit(duration(end.sinceRequestInit()))
                .setResponseBytes(end.responseBytes())
                .setEos(eos(end.end()));
        if (end.sinceResponseInit() >= 0) {
            wire.setSinceResponseInit(duration(end.sinceResponseInit()));
        }
        if (showsHeaders && !end.trailers().isEmpty()) {
            wire.setTrailers(trailers(end.trailers()));
        }
        if (tellsExtras) {
            wire.setExtras(extras(end));
        }
        return wire.build();
    }

    private static Headers trailers(Fields trailers) {
        Headers.Builder headers = Headers.newBuilder();
        WireFields.add(headers, trailers);
        return headers.build();
    }

    private static Eos eos(End end) {
        Eos.Builder eos = Eos.newBuilder();
        if (end instanceof End.Grpc grpc) {
            eos.setGrpcStatusCode(grpc.status());
        } else if (end instanceof End.Failed failed && failed.reset() >= 0) {
            eos.setResetErrorCode((int) failed.reset());
        }
        return eos.build();
    }

    private static EndExtras extras(ResponseEnd end) {
        EndExtras.Builder extras = EndExtras.newBuilder().setRequestBytes(end.requestBytes());
        if (end.end() instanceof End.Failed failed) {
            extras.setError(failed.error());
        } else if (end.end() instanceof End.Cancelled) {
            extras.setCancelled(true);
        }
        return extras.build();
    }

    private static io.headgate.tap.linkerd.internal.wire.BodyData body(BodyData body) {
        return io.headgate.tap.linkerd.internal.wire.BodyData.newBuilder()
                .setBase(body.id().base())
                .setStream(body.id().stream())
                .setOfRequest(body.ofRequest())
                .setOffset(body.offset())
                .setData(bytes(body.data()))
                .setIsCut(body.isCut())
                .build();
    }

    /** No copy: the event promises that its bytes do not change. */
    private static ByteString bytes(byte[] data) {
        return UnsafeByteOperations.unsafeWrap(data);
    }

    private static StreamId id(TapId id) {
        return StreamId.newBuilder().setBase(id.base()).setStream(id.stream()).build();
    }

    private static Duration duration(long nanos) {
        return Duration.newBuilder()
                .setSeconds(nanos / NANOS)
                .setNanos((int) (nanos % NANOS))
                .build();
    }
}
