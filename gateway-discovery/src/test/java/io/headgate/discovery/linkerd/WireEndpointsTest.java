package io.headgate.discovery.linkerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.discovery.linkerd.internal.wire.AuthorityOverride;
import io.headgate.discovery.linkerd.internal.wire.IPAddress;
import io.headgate.discovery.linkerd.internal.wire.ProtocolHint;
import io.headgate.discovery.linkerd.internal.wire.TcpAddress;
import io.headgate.discovery.linkerd.internal.wire.TlsIdentity;
import io.headgate.discovery.linkerd.internal.wire.TlsIdentity.DnsLikeIdentity;
import io.headgate.discovery.linkerd.internal.wire.TlsIdentity.UriLikeIdentity;
import io.headgate.discovery.linkerd.internal.wire.WeightedAddr;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Protocol;
import io.headgate.resolve.TlsName;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

class WireEndpointsTest {

    private final Skipped skipped = new Skipped("test");

    private static WeightedAddr.Builder wire() {
        return WeightedAddr.newBuilder().setAddr(ScriptedPlane.address(1)).setWeight(10_000);
    }

    private Endpoint decode(WeightedAddr.Builder wire) {
        return WireEndpoints.decode(wire.build(), Map.of(), skipped);
    }

    private long skips() {
        LongAdder total = new LongAdder();
        skipped.report(total);
        return total.sum();
    }

    @Test
    void endpointsComeBackEqual() {
        Endpoint plain = Endpoint.of("10.0.0.1", 8080);
        for (Endpoint endpoint : List.of(
                plain,
                Endpoint.of("255.255.255.255", 65_535),
                Endpoint.of("ffff:eeee:dddd:cccc:bbbb:aaaa:9999:8888", 1),
                plain.withProtocol(Protocol.HTTP_2),
                plain.withTls(TlsName.dns("orders.shop")),
                plain.withTls(new TlsName("orders.shop", "front.shop")),
                plain.withTls(new TlsName("spiffe://root/ns/shop/sa/orders", "orders.shop")),
                plain.withAuthority("orders.example:443"),
                plain.withWeight(0),
                plain.withWeight(Integer.MAX_VALUE),
                plain.withLabels(Map.of("zone", "a", "pod", "orders-1")))) {
            assertThat(WireEndpoints.decode(WireEndpoints.encode(endpoint), Map.of(), skipped))
                    .isEqualTo(endpoint);
        }
        assertThat(skips()).isZero();
    }

    @Test
    void aHostNameHasNoPlaceOnTheWire() {
        assertThat(WireEndpoints.encode(Endpoint.of("orders.example", 80))).isNull();
    }

    @Test
    void aPortIsCutOffAtSixteenBitsAndZeroIsNone() {
        TcpAddress.Builder address =
                TcpAddress.newBuilder().setIp(IPAddress.newBuilder().setIpv4(0x0a000001));

        assertThat(decode(wire().setAddr(address.setPort(65_536 + 8080)))).isEqualTo(Endpoint.of("10.0.0.1", 8080));
        assertThat(decode(wire().setAddr(address.setPort(65_536)))).isNull();
        assertThat(decode(wire().setAddr(address.setPort(0)))).isNull();
        assertThat(decode(wire().setAddr(TcpAddress.newBuilder().setPort(80)))).isNull();
        assertThat(skips()).isEqualTo(3);
    }

    @Test
    void labelsOfTheAddressGoBeforeThoseOfTheSet() {
        Endpoint endpoint = WireEndpoints.decode(
                wire().putMetricLabels("zone_locality", "local").build(),
                Map.of("zone_locality", "remote", "service", "orders"),
                skipped);

        assertThat(endpoint.labels()).isEqualTo(Map.of("zone_locality", "local", "service", "orders"));
    }

    @Test
    void aWeightBeyondAnIntIsTheLargestOne() {
        assertThat(decode(wire().setWeight(-1)).weight()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void onlyTheHintForHttp2ChangesTheProtocol() {
        ProtocolHint opaque = ProtocolHint.newBuilder()
                .setOpaque(ProtocolHint.Opaque.getDefaultInstance())
                .build();

        assertThat(decode(wire().setProtocolHint(opaque)).protocol()).isEqualTo(Protocol.HTTP_1);
        assertThat(decode(wire().setProtocolHint(ProtocolHint.newBuilder().setH2(ProtocolHint.H2.getDefaultInstance())))
                        .protocol())
                .isEqualTo(Protocol.HTTP_2);
    }

    @Test
    void anAuthorityThatIsNoneIsIgnored() {
        for (String authority : List.of("", "a b", "user@host", "host:port", "a/b")) {
            AuthorityOverride override = AuthorityOverride.newBuilder()
                    .setAuthorityOverride(authority)
                    .build();
            assertThat(decode(wire().setAuthorityOverride(override)).authority())
                    .isNull();
        }
        assertThat(skips()).isEqualTo(5);
    }

    @Test
    void anIdentityByDnsIsAskedForByItsOwnNameUnlessSaidOtherwise() {
        assertThat(decode(wire().setTlsIdentity(dns("a.b", null))).tls()).isEqualTo(TlsName.dns("a.b"));
        assertThat(decode(wire().setTlsIdentity(dns("a.b", "c.d"))).tls()).isEqualTo(new TlsName("a.b", "c.d"));
    }

    @Test
    void anIdentityThatMakesNoSenseIsNone() {
        List<TlsIdentity> invalid = List.of(
                TlsIdentity.getDefaultInstance(),
                dns("", null),
                dns("a b", null),
                dns("-a", null),
                dns("a..b", null),
                dns("spiffe://a", null),
                dns("a.b", ""),
                dns("a.b", "c d"),
                uri("spiffe://a", null),
                uri("spiffe://a", "b c"),
                uri("no uri", "a.b"),
                uri("relative", "a.b"),
                uri("", "a.b"));
        for (TlsIdentity identity : invalid) {
            assertThat(decode(wire().setTlsIdentity(identity)).tls()).isNull();
        }
        assertThat(skips()).isEqualTo(invalid.size());
    }

    private static TlsIdentity dns(String name, String serverName) {
        return named(
                TlsIdentity.newBuilder()
                        .setDnsLikeIdentity(DnsLikeIdentity.newBuilder().setName(name)),
                serverName);
    }

    private static TlsIdentity uri(String uri, String serverName) {
        return named(
                TlsIdentity.newBuilder()
                        .setUriLikeIdentity(UriLikeIdentity.newBuilder().setUri(uri)),
                serverName);
    }

    private static TlsIdentity named(TlsIdentity.Builder identity, String serverName) {
        if (serverName != null) {
            identity.setServerName(DnsLikeIdentity.newBuilder().setName(serverName));
        }
        return identity.build();
    }
}
