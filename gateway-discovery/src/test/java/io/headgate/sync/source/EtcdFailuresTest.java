package io.headgate.sync.source;

import static io.headgate.sync.SyncStatus.IN_SYNC;
import static io.headgate.sync.SyncStatus.RESYNC;
import static io.headgate.sync.SyncStatus.WAIT_FOR_DATASTORE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.headgate.resolve.SourceObserver;
import io.headgate.sync.source.internal.etcd.Event;
import io.headgate.sync.source.internal.etcd.RangeRequest;
import io.headgate.sync.source.internal.etcd.WatchResponse;
import io.headgate.tls.ClientTls;
import io.headgate.tls.TrustAnchors;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.pkitesting.CertificateBuilder;
import io.netty.pkitesting.X509Bundle;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import reactor.test.scheduler.VirtualTimeScheduler;

/** What an etcd can do to those who follow it. */
@Timeout(30)
class EtcdFailuresTest {

    private static final Duration SHORT = Duration.ofMillis(10);

    private SetProbe probe;

    @AfterEach
    void cancel() {
        if (probe != null) {
            probe.cancel();
            assertThat(probe.mistakes()).isEmpty();
        }
    }

    @Test
    void pagesAreReadAtOneRevisionAndWatchedFromThere() throws Exception {
        try (ScriptedEtcd etcd = new ScriptedEtcd()) {
            etcd.page(7, true, "/a", "/b").page(9, false, "/c").watch(it -> it.onNext(ScriptedEtcd.created()));

            follow(etcd);

            probe.awaitSet(Map.of("/a", "v", "/b", "v", "/c", "v"));
            assertThat(etcd.ranges).extracting(RangeRequest::getRevision).containsExactly(0L, 7L);
            assertThat(etcd.ranges.get(1).getKey()).isEqualTo(ByteString.copyFromUtf8("/b\0"));
            await().until(() -> !etcd.watches.isEmpty());
            assertThat(etcd.watches.get(0).getCreateRequest().getStartRevision())
                    .isEqualTo(7);
        }
    }

    @Test
    void whatWasListedIsNotToldAgainByTheWatchThatBeginsThere() throws Exception {
        try (ScriptedEtcd etcd = new ScriptedEtcd()) {
            etcd.page(7, false, "/a", "/b")
                    .watch(it -> it.onNext(WatchResponse.newBuilder()
                            .addEvents(Event.newBuilder()
                                    .setType(Event.EventType.DELETE)
                                    .setKv(ScriptedEtcd.entry(ByteString.copyFromUtf8("/a"), 7)))
                            .addEvents(Event.newBuilder().setKv(ScriptedEtcd.entry(ByteString.copyFromUtf8("/c"), 8)))
                            .build()));

            follow(etcd);

            probe.awaitSet(Map.of("/a", "v", "/b", "v", "/c", "v"));
        }
    }

    @Test
    void aWatchThatWasOvertakenByACompactionBecomesAResyncWithoutAWait() throws Exception {
        try (ScriptedEtcd etcd = new ScriptedEtcd()) {
            etcd.page(7, false, "/a", "/b", "/c")
                    .watch(it -> {
                        it.onNext(ScriptedEtcd.created());
                        it.onNext(WatchResponse.newBuilder()
                                .setCanceled(true)
                                .setCompactRevision(20)
                                .build());
                    })
                    .page(30, false, "/b", "/d")
                    .watch(it -> it.onNext(ScriptedEtcd.created()));

            follow(etcd);

            probe.awaitThat(it -> it.set().equals(Map.of("/b", "v", "/d", "v")) && it.status() == IN_SYNC);
            assertThat(probe.statuses()).containsExactly(RESYNC, IN_SYNC, RESYNC, IN_SYNC);
        }
    }

    @Test
    void aListThatWasOvertakenByACompactionBeginsAgain() throws Exception {
        try (ScriptedEtcd etcd = new ScriptedEtcd()) {
            etcd.page(7, true, "/a", "/b")
                    .refuse(Status.OUT_OF_RANGE.withDescription("required revision has been compacted"))
                    .page(30, false, "/b");

            follow(etcd);

            probe.awaitSet(Map.of("/b", "v"));
            assertThat(probe.statuses()).containsExactly(RESYNC, IN_SYNC);
        }
    }

    @Test
    void aListThatBreaksOffDeletesNothing() throws Exception {
        try (ScriptedEtcd etcd = new ScriptedEtcd()) {
            etcd.page(7, false, "/a", "/b")
                    .watch(it -> it.onError(Status.UNAVAILABLE.asRuntimeException()))
                    .page(8, true, "/a")
                    .refuse(Status.UNAVAILABLE)
                    .page(9, true, "/c");

            follow(etcd);

            probe.awaitThat(it -> it.set().containsKey("/c"));
            assertThat(probe.set()).containsKeys("/a", "/b", "/c");
            assertThat(probe.status()).isEqualTo(RESYNC);
        }
    }

    @Test
    void aWatchThatIsCancelledOrEndsIsALoss() throws Exception {
        try (ScriptedEtcd etcd = new ScriptedEtcd()) {
            etcd.page(7, false, "/a")
                    .watch(it -> it.onNext(WatchResponse.newBuilder()
                            .setCanceled(true)
                            .setCancelReason("no leader")
                            .build()))
                    .page(8, false, "/b")
                    .watch(it -> {
                        it.onNext(ScriptedEtcd.created());
                        it.onCompleted();
                    })
                    .page(9, false, "/c");

            follow(etcd);

            probe.awaitThat(it -> it.set().equals(Map.of("/c", "v")) && it.status() == IN_SYNC);
            assertThat(probe.statuses())
                    .containsExactly(
                            RESYNC, IN_SYNC, WAIT_FOR_DATASTORE, RESYNC, IN_SYNC, WAIT_FOR_DATASTORE, RESYNC, IN_SYNC);
        }
    }

    @Test
    void aPageThatCannotBeHadIsAskedForInHalves() throws Exception {
        try (ScriptedEtcd etcd = new ScriptedEtcd()) {
            etcd.refuse(Status.RESOURCE_EXHAUSTED)
                    .refuse(Status.RESOURCE_EXHAUSTED)
                    .page(7, false, "/a");

            follow(etcd);

            probe.awaitSet(Map.of("/a", "v"));
            assertThat(etcd.ranges).extracting(RangeRequest::getLimit).containsExactly(1000L, 500L, 250L);
        }
    }

    @Test
    void anEtcdThatDoesNotAnswerIsGivenUpAfterTheTimeout() throws Exception {
        try (ScriptedEtcd etcd = new ScriptedEtcd()) {
            follow(spec(etcd.url()).withTimes(Duration.ofMillis(100), Duration.ofSeconds(1)));
            await().until(() -> etcd.ranges.size() > 1);

            etcd.page(7, false, "/a");
            probe.awaitThat(it -> it.set().equals(Map.of("/a", "v")));
        }
    }

    @Test
    void aKeyThatIsNotTextIsLeftOutAndCounted() throws Exception {
        ByteString bad = ByteString.copyFrom(new byte[] {'/', (byte) 0xff});
        try (ScriptedEtcd etcd = new ScriptedEtcd()) {
            etcd.answer(request -> ScriptedEtcd.pageOf(7, false, "/a").toBuilder()
                            .addKvs(ScriptedEtcd.entry(bad, 7))
                            .build())
                    .watch(it -> it.onNext(WatchResponse.newBuilder()
                            .addEvents(Event.newBuilder().setKv(ScriptedEtcd.entry(bad, 8)))
                            .addEvents(Event.newBuilder().setKv(ScriptedEtcd.entry(ByteString.copyFromUtf8("/b"), 8)))
                            .build()));
            EtcdSource source = EtcdSource.of(spec(etcd.url()));

            probe = SetProbe.on(source.events());

            probe.awaitSet(Map.of("/a", "v", "/b", "v"));
            assertThat(source.skipped()).isEqualTo(2);
        }
    }

    @Test
    void aLostEtcdIsAskedAgainOnlyAfterAWait() throws Exception {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        List<Throwable> losses = new CopyOnWriteArrayList<>();
        try (ScriptedEtcd etcd = new ScriptedEtcd()) {
            etcd.refuse(Status.UNAVAILABLE).refuse(Status.UNAVAILABLE).page(7, false, "/a");
            EtcdSpec spec = EtcdSpec.of(etcd.url()).withBackoff(Duration.ofSeconds(10), Duration.ofSeconds(40));
            probe = SetProbe.on(EtcdSource.of(spec)
                    .withScheduler(time)
                    .withObserver(new SourceObserver() {
                        @Override
                        public void away(String name, Throwable cause) {
                            losses.add(cause);
                        }
                    })
                    .events());
            await().until(() -> losses.size() == 1);
            time.advanceTimeBy(Duration.ofSeconds(9));
            assertThat(etcd.ranges).hasSize(1);

            time.advanceTimeBy(Duration.ofSeconds(6));
            await().until(() -> losses.size() == 2);
            time.advanceTimeBy(Duration.ofSeconds(30));

            probe.awaitSet(Map.of("/a", "v"));
        }
    }

    @Test
    void aCancelledSourceAsksNobodyAnyMore() throws Exception {
        VirtualTimeScheduler time = VirtualTimeScheduler.create();
        try (ScriptedEtcd etcd = new ScriptedEtcd()) {
            etcd.page(7, false, "/a").watch(it -> it.onNext(ScriptedEtcd.created()));
            probe = SetProbe.on(
                    EtcdSource.of(spec(etcd.url())).withScheduler(time).events());
            probe.awaitThat(it -> it.heard() != null);

            probe.cancel();

            await().until(() -> time.getScheduledTaskCount() > 0);
            time.advanceTimeBy(Duration.ofHours(1));
            assertThat(etcd.ranges).hasSize(1);
        }
    }

    @Test
    void tlsIsForWhoeverIsTrusted() throws Exception {
        X509Bundle authority = new CertificateBuilder()
                .ecp256()
                .subject("CN=Authority")
                .setIsCertificateAuthority(true)
                .buildSelfSigned();
        X509Bundle server = new CertificateBuilder()
                .ecp256()
                .subject("CN=etcd")
                .addSanIpAddress("127.0.0.1")
                .buildIssuedBy(authority);
        SslContext context = GrpcSslContexts.configure(
                        SslContextBuilder.forServer(server.getKeyPair().getPrivate(), server.getCertificatePath()))
                .build();
        try (ScriptedEtcd etcd = new ScriptedEtcd(context)) {
            etcd.page(7, false, "/a");
            EtcdSpec spec = spec("https://127.0.0.1:" + etcd.port());
            List<Throwable> losses = new CopyOnWriteArrayList<>();
            SetProbe stranger = SetProbe.on(EtcdSource.of(spec)
                    .withObserver(new SourceObserver() {
                        @Override
                        public void away(String name, Throwable cause) {
                            losses.add(cause);
                        }
                    })
                    .events());
            await().until(() -> !losses.isEmpty());
            stranger.cancel();
            assertThat(etcd.ranges).isEmpty();

            TrustAnchors trust = TrustAnchors.of(List.of(authority.getCertificate()));
            follow(spec.withTls(ClientTls.DEFAULTS.withTrust(trust)));

            probe.awaitSet(Map.of("/a", "v"));
        }
    }

    @Test
    void specsThatMakeNoSenseAreRefused() {
        assertThatThrownBy(() -> EtcdSpec.of())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("endpoints: none (expected: one or more)");
        assertThatThrownBy(() -> EtcdSpec.of("127.0.0.1:2379")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> EtcdSpec.of("ftp://here:1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("endpoint: ftp://here:1 (expected: http://host:port or https://host:port)");
        assertThatThrownBy(() -> EtcdSpec.of("http://me:secret@here:1"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("endpoint: one with a user in it (expected: none, but a login)");
        EtcdSpec spec = EtcdSpec.of("http://here:1");
        assertThatThrownBy(() -> spec.withPageSize(0)).hasMessage("pageSize: 0 (expected: 1 or more)");
        assertThatThrownBy(() -> spec.withMaxMessageBytes(0)).hasMessage("maxMessageBytes: 0 (expected: 1 or more)");
        assertThatThrownBy(() -> spec.withBackoff(Duration.ZERO, SHORT))
                .hasMessage("backoff: PT0S to PT0.01S (expected: above zero, not falling)");
        assertThat(spec.withLogin("me", "secret").toString()).doesNotContain("secret");
    }

    private void follow(ScriptedEtcd etcd) {
        follow(spec(etcd.url()));
    }

    private void follow(EtcdSpec spec) {
        probe = SetProbe.on(EtcdSource.of(spec).events());
    }

    private static EtcdSpec spec(String url) {
        return EtcdSpec.of(url).withBackoff(SHORT, SHORT);
    }
}
