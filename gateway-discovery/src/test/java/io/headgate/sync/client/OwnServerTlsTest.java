package io.headgate.sync.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.headgate.retry.Backoff;
import io.headgate.sync.SyncPeer;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.server.SyncEnd;
import io.headgate.sync.server.SyncServer;
import io.headgate.sync.server.SyncServerSettings;
import io.headgate.sync.server.SyncServerSpec;
import io.headgate.sync.source.SyncStore;
import io.headgate.tls.ClientTls;
import io.headgate.tls.Credential;
import io.headgate.tls.ServerTls;
import io.headgate.tls.TrustAnchors;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our client and our server, each of which wants to know who the other is; and what each of them makes of it. */
class OwnServerTlsTest {

    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int MANY = 2_500;
    private static final SyncPeer SERVER = SyncPeer.named("typha-server");
    private static final SyncPeer CLIENT = SyncPeer.identified("spiffe://cluster/client");
    private static final X509Bundle AUTHORITY = authority("ours");
    private static final X509Bundle OTHER = authority("of others");

    private final SyncStore store = SyncStore.create();
    private @Nullable SyncServer server;
    private @Nullable SyncClient client;
    private @Nullable EventProbe probe;

    @AfterEach
    void everybodyLeavesAndNothingStays() {
        probe.cancel();
        await().until(() -> server.stats().connections() == 0);
        assertThat(server.stats().streaming()).isZero();
        server.closeAsync(Duration.ZERO).block(PATIENCE);
        await().until(() -> store.subscribers() == 0);
        assertThat(server.stats().ends().values().stream()
                        .mapToLong(Long::longValue)
                        .sum())
                .isEqualTo(server.stats().accepted());
    }

    private static X509Bundle authority(String name) {
        try {
            return new CertificateBuilder()
                    .ecp256()
                    .subject("CN=Authority " + name)
                    .setIsCertificateAuthority(true)
                    .buildSelfSigned();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static X509Bundle issued(X509Bundle by, String name) {
        try {
            return new CertificateBuilder()
                    .ecp256()
                    .subject("O=test, CN=typha-" + name)
                    .addSanUriName("spiffe://cluster/" + name)
                    .buildIssuedBy(by);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static Credential credential(X509Bundle shown) {
        return Credential.of(shown.getKeyPair().getPrivate(), shown.getCertificatePathList());
    }

    private static TrustAnchors trusted(X509Bundle authority) {
        return TrustAnchors.of(List.of(authority.getCertificate()));
    }

    private void serve(X509Bundle shown) {
        server = SyncServer.bind(SyncServerSpec.of("127.0.0.1", 0)
                        .withTopic("felix", store.events())
                        .withTls(
                                ServerTls.of(credential(shown))
                                        .withClientAuth(ServerTls.ClientAuth.REQUIRED, trusted(AUTHORITY)),
                                CLIENT)
                        .withSettings(SyncServerSettings.builder()
                                .pingInterval(Duration.ofMillis(50))
                                .policyKeysRequired(false)
                                .build()))
                .block(PATIENCE);
    }

    private void follow(@Nullable X509Bundle shown, Set<SyncFeature> features) {
        ClientTls tls = ClientTls.DEFAULTS.withTrust(trusted(AUTHORITY));
        client = SyncClient.of(SyncClientSpec.of("127.0.0.1:" + server.port())
                .withSettings(SyncClientSettings.DEFAULTS
                        .withFeatures(features)
                        .withBackoff(Backoff.exponential(Duration.ofMillis(10), Duration.ofMillis(50))))
                .withTls(shown == null ? tls : tls.withCredential(credential(shown)), SERVER));
        probe = EventProbe.on(client.events());
    }

    private static ByteString value(String text) {
        return ByteString.copyFromUtf8(text);
    }

    static Stream<Set<SyncFeature>> dialects() {
        return Stream.of(
                EnumSet.allOf(SyncFeature.class),
                EnumSet.complementOf(EnumSet.of(SyncFeature.SNAPPY)),
                EnumSet.noneOf(SyncFeature.class));
    }

    @ParameterizedTest
    @MethodSource("dialects")
    void whoKnowEachOtherTalk(Set<SyncFeature> features) {
        for (int i = 0; i < MANY; i++) {
            store.put("/key/" + i, value("x".repeat(200) + i)); // many records of TLS
        }
        serve(issued(AUTHORITY, "server"));
        follow(issued(AUTHORITY, "client"), features);
        probe.awaitStatus(SyncStatus.IN_SYNC);
        store.put("/new", value("1"));
        store.delete("/key/0");
        probe.awaitLine("NEW /new=1");
        await().until(() -> probe.set().size() == MANY && !probe.set().containsKey("/key/0"));

        await().until(() -> client.stats().bytes() > server.stats().bytesWritten()); // with what TLS adds to them
        assertThat(client.stats().losses()).isEmpty();
        assertThat(server.stats().ends()).isEmpty();
        assertThat(server.stats().streaming()).isEqualTo(1);
        probe.cancel();
        await().until(() -> server.stats().ends().equals(Map.of(SyncEnd.LEFT, 1L)));
    }

    @Test
    void aServerOfAnotherNameIsLeftBeforeAWordIsSaid() {
        store.put("/a", value("1"));
        serve(issued(AUTHORITY, "imposter"));
        follow(issued(AUTHORITY, "client"), EnumSet.allOf(SyncFeature.class));

        await().until(() -> client.stats().lost(SyncLoss.WRONG_PEER) > 1);
        assertThat(client.stats().lastReason())
                .isEqualTo("certificate: O=test, CN=typha-imposter (expected: " + SERVER + ")");
        assertThat(client.stats().losses()).containsOnlyKeys(SyncLoss.WRONG_PEER);
        assertThat(client.stats().connected()).isZero();
        assertThat(probe.set()).isEmpty();
        await().until(() -> server.stats().ends().containsKey(SyncEnd.LEFT));
        assertThat(server.stats().ends()).containsOnlyKeys(SyncEnd.LEFT); // it has seen somebody come and go
        assertThat(server.stats().bytesWritten()).isZero();
    }

    @Test
    void aClientOfAnotherNameIsSentAwayBeforeAWordIsSaid() {
        store.put("/a", value("1"));
        serve(issued(AUTHORITY, "server"));
        follow(issued(AUTHORITY, "imposter"), EnumSet.allOf(SyncFeature.class));

        await().until(() -> server.stats().ends().getOrDefault(SyncEnd.WRONG_PEER, 0L) > 1);
        assertThat(server.stats().ends()).containsOnlyKeys(SyncEnd.WRONG_PEER);
        assertThat(server.stats().bytesWritten()).isZero();
        await().until(() -> client.stats().losses().values().stream()
                        .mapToLong(Long::longValue)
                        .sum()
                > 1);
        assertThat(client.stats().losses().keySet()).isSubsetOf(SyncLoss.CLOSED, SyncLoss.BROKEN);
        assertThat(client.stats().connected()).isZero();
        assertThat(probe.set()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aClientOfAnotherAuthorityOrWithoutACertificateDoesNotGetIn(boolean shown) {
        serve(issued(AUTHORITY, "server"));
        follow(shown ? issued(OTHER, "client") : null, EnumSet.allOf(SyncFeature.class));

        await().until(() -> client.stats().lost(SyncLoss.TLS_FAILED) > 1);
        assertThat(client.stats().losses()).containsOnlyKeys(SyncLoss.TLS_FAILED);
        await().until(() -> server.stats().ends().getOrDefault(SyncEnd.TLS_FAILED, 0L) > 1);
        assertThat(server.stats().ends()).containsOnlyKeys(SyncEnd.TLS_FAILED);
        assertThat(server.stats().bytesWritten()).isZero();
    }

    @Test
    void aServerOfAnotherAuthorityIsLeft() {
        serve(issued(OTHER, "server"));
        follow(issued(AUTHORITY, "client"), EnumSet.allOf(SyncFeature.class));

        await().until(() -> client.stats().lost(SyncLoss.TLS_FAILED) > 1);
        assertThat(client.stats().losses()).containsOnlyKeys(SyncLoss.TLS_FAILED);
        await().until(() -> server.stats().ends().getOrDefault(SyncEnd.TLS_FAILED, 0L) > 1);
        assertThat(server.stats().ends()).containsOnlyKeys(SyncEnd.TLS_FAILED);
    }
}
