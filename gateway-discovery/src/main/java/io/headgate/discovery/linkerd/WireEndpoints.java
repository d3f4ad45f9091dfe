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

/** Updates of endpoints as the wire spells them. What makes no sense is left out, item by item, so that the rest is of use. */
final class WireEndpoints {

    private WireEndpoints() {}

    // ---- from the wire

    /** Returns null for an update that says nothing. */
    static io.headgate.resolve.@Nullable Update<Endpoint> decode(Update wire, Skipped skipped) {
        return switch (wire.getUpdateCase()) {
            case ADD -> added(wire.getAdd(), skipped);
            case REMOVE -> removed(wire.getRemove(), skipped);
            case NO_ENDPOINTS ->
                wire.getNoEndpoints().getExists() ? new Reset<>(List.of()) : new io.headgate.resolve.Update.Absent<>();
            case UPDATE_NOT_SET -> null;
        };
    }

    private static @Nullable Upsert<Endpoint> added(WeightedAddrSet set, Skipped skipped) {
        List<Endpoint> endpoints = new ArrayList<>(set.getAddrsCount());
        for (WeightedAddr address : set.getAddrsList()) {
            Endpoint endpoint = decode(address, set.getMetricLabelsMap(), skipped);
            if (endpoint != null) {
                endpoints.add(endpoint);
            }
        }
        return endpoints.isEmpty() ? null : new Upsert<>(endpoints);
    }

    private static @Nullable Remove<Endpoint> removed(AddrSet set, Skipped skipped) {
        List<Endpoint> endpoints = new ArrayList<>(set.getAddrsCount());
        for (TcpAddress wire : set.getAddrsList()) {
            InetSocketAddress address = WireAddresses.decode(wire);
            if (address == null) {
                skipped.add("address", wire);
            } else {
                endpoints.add(Endpoint.of(address));
            }
        }
        return endpoints.isEmpty() ? null : new Remove<>(endpoints, Departure.DRAIN);
    }

    /** Returns null for an endpoint without a usable address. */
    static @Nullable Endpoint decode(WeightedAddr wire, Map<String, String> common, Skipped skipped) {
        InetSocketAddress address = WireAddresses.decode(wire.getAddr());
        if (address == null) {
            skipped.add("address", wire.getAddr());
            return null;
        }
        return new Endpoint(
                address,
                wire.getProtocolHint().hasH2() ? Protocol.HTTP_2 : Protocol.HTTP_1,
                wire.hasTlsIdentity() ? identity(wire.getTlsIdentity(), skipped) : null,
                wire.hasAuthorityOverride() ? authority(wire.getAuthorityOverride(), skipped) : null,
                weight(wire.getWeight()),
                labels(common, wire.getMetricLabelsMap()));
    }

    /** Those of the address go before those of the set. */
    private static Map<String, String> labels(Map<String, String> common, Map<String, String> own) {
        if (common.isEmpty() || own.isEmpty()) {
            return own.isEmpty() ? common : own;
        }
        Map<String, String> labels = new HashMap<>(common);
        labels.putAll(own);
        return labels;
    }

    /** Unsigned on the wire; the difference between two billion and four matters to nobody. */
    private static int weight(int wire) {
        return wire < 0 ? Integer.MAX_VALUE : wire;
    }

    private static @Nullable String authority(AuthorityOverride wire, Skipped skipped) {
        String authority = wire.getAuthorityOverride();
        if (!authority.isEmpty() && RequestSyntax.isAuthority(authority)) {
            return authority;
        }
        skipped.add("authority override", wire);
        return null;
    }

    private static @Nullable TlsName identity(TlsIdentity wire, Skipped skipped) {
        String dns = wire.getDnsLikeIdentity().getName();
        String uri = wire.getUriLikeIdentity().getUri();
        String asked = wire.getServerName().getName();
        TlsName identity = switch (wire.getStrategyCase()) {
            case DNS_LIKE_IDENTITY -> named(dns, wire.hasServerName() ? asked : dns, WireNames.isDns(dns));
            case URI_LIKE_IDENTITY -> named(uri, asked, WireNames.isUri(uri));
            case STRATEGY_NOT_SET -> null;
        };
        if (identity == null) {
            skipped.add("TLS identity, taken for none", wire);
        }
        return identity;
    }

    private static @Nullable TlsName named(String identity, String serverName, boolean isIdentity) {
        return isIdentity && WireNames.isDns(serverName) ? new TlsName(identity, serverName) : null;
    }

    // ---- to the wire

    static Update added(List<Endpoint> endpoints) {
        WeightedAddrSet.Builder set = WeightedAddrSet.newBuilder();
        for (Endpoint endpoint : endpoints) {
            WeightedAddr address = encode(endpoint);
            if (address != null) {
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
