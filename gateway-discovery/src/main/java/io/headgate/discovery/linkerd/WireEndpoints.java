package io.headgate.discovery.linkerd;

import io.headgate.discovery.linkerd.internal.wire.AddrSet;
import io.headgate.discovery.linkerd.internal.wire.AuthorityOverride;
import io.headgate.discovery.linkerd.internal.wire.NoEndpoints;
import io.headgate.discovery.linkerd.internal.wire.ProtocolHint;
import io.headgate.discovery.linkerd.internal.wire.TcpAddress;
import io.headgate.discovery.linkerd.internal.wire.TlsIdentity;
import io.headgate.discovery.linkerd.internal.wire.TlsIdentity.DnsLikeIdentity;
import io.headgate.discovery.linkerd.internal.wire.TlsIdentity.UriLikeIdentity;
import io.headgate.discovery.linkerd.internal.wire.Update;
import io.headgate.discovery.linkerd.internal.wire.WeightedAddr;
import io.headgate.discovery.linkerd.internal.wire.WeightedAddrSet;
import io.headgate.http.RequestSyntax;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Protocol;
import io.headgate.resolve.TlsName;
import io.headgate.resolve.Update.Departure;
import io.headgate.resolve.Update.Remove;
import io.headgate.resolve.Update.Reset;
import io.headgate.resolve.Update.Upsert;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Updates of endpoints as the wire spells them. What makes no sense is left out, item by item, so that the rest is of use. */
final class WireEndpoints {

    private static final Logger LOG = LoggerFactory.getLogger(WireEndpoints.class);

    private WireEndpoints() {}

    // ---- from the wire

    /** Returns null for an update that says nothing. */
    static io.headgate.resolve.@Nullable Update<Endpoint> decode(Update wire) {
        return switch (wire.getUpdateCase()) {
            case ADD -> added(wire.getAdd());
            case REMOVE -> removed(wire.getRemove());
            case NO_ENDPOINTS ->
                wire.getNoEndpoints().getExists() ? new Reset<>(List.of()) : new io.headgate.resolve.Update.Absent<>();
            case UPDATE_NOT_SET -> null;
        };
    }

    private static @Nullable Upsert<Endpoint> added(WeightedAddrSet set) {
        List<Endpoint> endpoints = new ArrayList<>(set.getAddrsCount());
        for (WeightedAddr address : set.getAddrsList()) {
            Endpoint endpoint = decode(address, set.getMetricLabelsMap());
            if (endpoint != null) {
                endpoints.add(endpoint);
            }
        }
        return endpoints.isEmpty() ? null : new Upsert<>(endpoints);
    }

    private static @Nullable Remove<Endpoint> removed(AddrSet set) {
        List<Endpoint> endpoints = new ArrayList<>(set.getAddrsCount());
        for (TcpAddress wire : set.getAddrsList()) {
            InetSocketAddress address = WireAddresses.decode(wire);
            if (address != null) {
                endpoints.add(Endpoint.of(address));
            }
        }
        return endpoints.isEmpty() ? null : new Remove<>(endpoints, Departure.DRAIN);
    }

    /** Returns null for an endpoint without a usable address. */
    static @Nullable Endpoint decode(WeightedAddr wire, Map<String, String> common) {
        InetSocketAddress address = WireAddresses.decode(wire.getAddr());
        if (address == null) {
            LOG.debug("endpoint without a usable address is left out: {}", wire);
            return null;
        }
        Map<String, String> labels = new HashMap<>(common);
        labels.putAll(wire.getMetricLabelsMap());
        return new Endpoint(
                address,
                wire.getProtocolHint().hasH2() ? Protocol.HTTP_2 : Protocol.HTTP_1,
                wire.hasTlsIdentity() ? identity(wire.getTlsIdentity()) : null,
                wire.hasAuthorityOverride() ? authority(wire.getAuthorityOverride()) : null,
                weight(wire.getWeight()),
                labels);
    }

    /** Unsigned on the wire; the difference between two billion and four matters to nobody. */
    private static int weight(int wire) {
        return wire < 0 ? Integer.MAX_VALUE : wire;
    }

    private static @Nullable String authority(AuthorityOverride wire) {
        String authority = wire.getAuthorityOverride();
        return RequestSyntax.isAuthority(authority) && !authority.isEmpty() ? authority : null;
    }

    private static @Nullable TlsName identity(TlsIdentity wire) {
        String dns = wire.getDnsLikeIdentity().getName();
        String uri = wire.getUriLikeIdentity().getUri();
        String asked = wire.getServerName().getName();
        TlsName identity = switch (wire.getStrategyCase()) {
            case DNS_LIKE_IDENTITY -> dns.isBlank() ? null : new TlsName(dns, asked.isBlank() ? dns : asked);
            case URI_LIKE_IDENTITY ->
                uri.isBlank() || asked.isBlank() || !uri.contains(":") ? null : new TlsName(uri, asked);
            case STRATEGY_NOT_SET -> null;
        };
        if (identity == null) {
            LOG.warn("TLS identity that makes no sense is taken for none: {}", wire);
        }
        return identity;
    }

    // ---- to the wire

    static Update added(List<Endpoint> endpoints) {
        WeightedAddrSet.Builder set = WeightedAddrSet.newBuilder();
        for (Endpoint endpoint : endpoints) {
            WeightedAddr address = encode(endpoint);
            if (address == null) {
                LOG.warn(
                        "endpoint {} is left out (expected: an address, which is all that the wire can carry)",
                        endpoint);
            } else {
                set.addAddrs(address);
            }
        }
        return Update.newBuilder().setAdd(set).build();
    }

    static Update removed(List<Endpoint> endpoints) {
        AddrSet.Builder set = AddrSet.newBuilder();
        for (Endpoint endpoint : endpoints) {
            TcpAddress address = WireAddresses.encode(endpoint.address());
            if (address != null) {
                set.addAddrs(address);
            }
        }
        return Update.newBuilder().setRemove(set).build();
    }

    static Update none(boolean exists) {
        return Update.newBuilder()
                .setNoEndpoints(NoEndpoints.newBuilder().setExists(exists))
                .build();
    }

    /** Returns null for an endpoint that has a host name. */
    static @Nullable WeightedAddr encode(Endpoint endpoint) {
        TcpAddress address = WireAddresses.encode(endpoint.address());
        if (address == null) {
            return null;
        }
        WeightedAddr.Builder wire = WeightedAddr.newBuilder()
                .setAddr(address)
                .setWeight(endpoint.weight())
                .putAllMetricLabels(endpoint.labels());
        TlsName tls = endpoint.tls();
        if (tls != null) {
            wire.setTlsIdentity(encode(tls));
        }
        if (endpoint.protocol() == Protocol.HTTP_2) {
            wire.setProtocolHint(ProtocolHint.newBuilder().setH2(ProtocolHint.H2.getDefaultInstance()));
        }
        String authority = endpoint.authority();
        if (authority != null) {
            wire.setAuthorityOverride(AuthorityOverride.newBuilder().setAuthorityOverride(authority));
        }
        return wire.build();
    }

    private static TlsIdentity encode(TlsName tls) {
        TlsIdentity.Builder wire = TlsIdentity.newBuilder();
        if (tls.isUri()) {
            wire.setUriLikeIdentity(UriLikeIdentity.newBuilder().setUri(tls.identity()));
        } else {
            wire.setDnsLikeIdentity(DnsLikeIdentity.newBuilder().setName(tls.identity()));
        }
        if (tls.isUri() || !tls.serverName().equals(tls.identity())) {
            wire.setServerName(DnsLikeIdentity.newBuilder().setName(tls.serverName()));
        }
        return wire.build();
    }
}
