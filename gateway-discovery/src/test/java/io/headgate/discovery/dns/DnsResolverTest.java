package io.headgate.discovery.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.headgate.resolve.Endpoint;
import io.headgate.resolve.SourceAges;
import io.headgate.resolve.Update;
import io.headgate.test.UpdateProbe;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.handler.codec.dns.DnsResponseCode;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.SingletonDnsServerAddressStreamProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import reactor.test.scheduler.VirtualTimeScheduler;

class DnsResolverTest {

    private static final String HOST = "orders.test";
    private static final String SERVICE = "_http._tcp.orders.test";
    private static final Endpoint A = Endpoint.of("10.0.0.1", 8080);
    private static final Endpoint B = Endpoint.of("10.0.0.2", 8080);

    private final MultiThreadIoEventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = (EventLoop) loops.next();
    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final SourceAges ages = SourceAges.create();
    private final List<UpdateProbe> probes = new ArrayList<>();

    private NameServer server;
    private DnsResolver resolver;

    @BeforeEach
    void start() throws Exception {
        server = new NameServer(loop);
        resolver = DnsResolver.on(
                        loop,
                        settings -> settings.datagramChannelType(NioDatagramChannel.class)
                                .queryTimeoutMillis(200)
                                .nameServerProvider(new SingletonDnsServerAddressStreamProvider(server.address())))
                .withScheduler(time)
                .withObserver(ages);
    }

    @AfterEach
    void stop() {
        probes.forEach(UpdateProbe::cancel);
        server.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }

    @Test
    void anAnswerIsKeptForItsTimeToLive() throws Exception {
        server.addresses(HOST, 30, "10.0.0.1");
        UpdateProbe probe = subscribe(HOST + ":8080");
        probe.awaitSet(List.of(A));
        server.addresses(HOST, 30, "10.0.0.1", "10.0.0.2");

        pass(29);
        assertThat(server.questions()).containsExactly("orders.test A");
        pass(1);
        probe.awaitSet(List.of(A, B));
    }

    @Test
    void theTimeToLiveHasBounds() throws Exception {
        server.addresses(HOST, 0, "10.0.0.1");
        subscribe(HOST + ":8080").awaitSet(List.of(A));
        settle();
        time.advanceTimeBy(Duration.ofMillis(999));
        settle();
        assertThat(server.questions()).hasSize(1);
        server.addresses(HOST, 86_400, "10.0.0.1");
        time.advanceTimeBy(Duration.ofMillis(1));
        await().until(() -> server.questions().size() == 2);
        settle();
        pass(299);
        assertThat(server.questions()).hasSize(2);
        pass(1);
        await().until(() -> server.questions().size() == 3);
    }

    @Test
    void aNameThatDoesNotExistIsAbsentForAsLongAsItsZoneSays() throws Exception {
        server.negativeTtl(20);
        UpdateProbe probe = subscribe(HOST + ":8080");
        probe.awaitAbsent();
        server.addresses(HOST, 30, "10.0.0.1");
        int asked = server.questions().size();

        pass(19);
        assertThat(server.questions()).hasSize(asked);
        pass(1);
        probe.awaitSet(List.of(A));
    }

    @Test
    void aNameThatDoesNotExistIsAskedForSoonWhenNobodySaysHowLong() throws Exception {
        UpdateProbe probe = subscribe(HOST + ":8080");
        probe.awaitAbsent();
        server.addresses(HOST, 30, "10.0.0.1");
        pass(5);

        probe.awaitSet(List.of(A));
    }

    @Test
    void aNameWithoutAddressesIsAnEmptySet() {
        server.addresses(HOST, 30);
        UpdateProbe probe = subscribe(HOST + ":8080");
        probe.awaitSet(List.of());

        assertThat(probe.updates()).containsExactly(new Update.Reset<>(List.of()));
    }

    @Test
    void aFailureLeavesTheLastAnswerInForceAndIsRetriedSoon() throws Exception {
        server.addresses(HOST, 10, "10.0.0.1");
        UpdateProbe probe = subscribe(HOST + ":8080");
        probe.awaitSet(List.of(A));
        server.fail(DnsResponseCode.SERVFAIL);
        pass(10);
        await().until(() -> !ages.of(HOST + ":8080").isCurrent());
        settle();
        int asked = server.questions().size();
        assertThat(ages.of(HOST + ":8080").cause())
                .hasMessage("orders.test. A: ServFail(2) (expected: NOERROR or NXDOMAIN)");
        time.advanceTimeBy(Duration.ofMillis(3_999));
        settle();
        assertThat(server.questions()).hasSize(asked);

        server.fail(null);
        server.addresses(HOST, 10, "10.0.0.2");
        time.advanceTimeBy(Duration.ofMillis(2_002));
        probe.awaitSet(List.of(B));
        assertThat(probe.updates()).hasSize(2);
    }

    @Test
    void aServerThatDoesNotAnswerIsAFailure() {
        server.close();
        UpdateProbe probe = subscribe(HOST + ":8080");
        await().until(() -> ages.of(HOST + ":8080") != null);

        assertThat(ages.of(HOST + ":8080").cause()).isNotNull();
        assertThat(probe.updates()).isEmpty();
    }

    @Test
    void theOtherKindOfAddressesCountsOnlyWhereThereIsNoneOfThePreferredKind() {
        server.addresses("both.test", 30, "10.0.0.1", "fd00::1");
        server.addresses("six.test", 30, "fd00::1");

        subscribe("both.test:8080").awaitSet(List.of(A));
        subscribe("six.test:8080").awaitSet(List.of(Endpoint.of("fd00::1", 8080)));
        UpdateProbe six = keep(UpdateProbe.on(
                resolver.withAddresses(ResolvedAddressTypes.IPV6_PREFERRED).resolve("both.test:8080")));
        six.awaitSet(List.of(Endpoint.of("fd00::1", 8080)));
    }

    @Test
    void recordsThatAreTurnedRoundAreNoChange() throws Exception {
        server.addresses(HOST, 1, "10.0.0.1", "10.0.0.2");
        UpdateProbe probe = subscribe(HOST + ":8080");
        probe.awaitSet(List.of(A, B));
        server.addresses(HOST, 1, "10.0.0.2", "10.0.0.1");
        pass(1);
        await().until(() -> server.questions().size() == 2);
        settle();

        assertThat(probe.updates()).hasSize(1);
    }

    @Test
    void aServiceIsItsTargetsByWeightAndTheOtherPrioritiesAreTheLastResort() {
        server.addresses("one.test", 30, "10.0.0.1");
        server.addresses("two.test", 30, "10.0.0.2");
        server.services(
                SERVICE,
                30,
                NameServer.service(1, 100, 8080, "one.test"),
                NameServer.service(1, 0, 8081, "one.test"),
                NameServer.service(2, 100, 8080, "two.test"),
                NameServer.service(1, 50, 8080, "gone.test"));

        subscribe(SERVICE)
                .awaitSet(List.of(
                        A.withWeight(Endpoint.NORMAL_WEIGHT).withLabels(Map.of("dns.priority", "1")),
                        Endpoint.of("10.0.0.1", 8081).withWeight(1).withLabels(Map.of("dns.priority", "1")),
                        B.withWeight(0).withLabels(Map.of("dns.priority", "2"))));
    }

    @Test
    void aServiceWithoutWeightsHasNormalOnes() {
        server.addresses("one.test", 30, "10.0.0.1");
        server.services(SERVICE, 30, NameServer.service(0, 0, 8080, "one.test"));

        subscribe(SERVICE).awaitSet(List.of(A.withLabels(Map.of("dns.priority", "0"))));
    }

    @Test
    void aServiceIsAskedForAgainWhenTheFirstOfItsRecordsExpires() throws Exception {
        server.addresses("one.test", 7, "10.0.0.1");
        server.services(SERVICE, 30, NameServer.service(0, 0, 8080, "one.test"));
        UpdateProbe probe = subscribe(SERVICE);
        probe.awaitSet(List.of(A.withLabels(Map.of("dns.priority", "0"))));
        server.addresses("one.test", 7, "10.0.0.2");
        pass(7);

        probe.awaitSet(List.of(B.withLabels(Map.of("dns.priority", "0"))));
    }

    @Test
    void anAddressNeedsNoServer() {
        subscribe("10.0.0.1:8080").awaitSet(List.of(A));

        assertThat(server.questions()).isEmpty();
    }

    @Test
    void aNameOfAnotherKindIsRefusedForGood() {
        assertThat(subscribe("orders").awaitError())
                .hasMessage("name: 'orders' (expected: host:port or _service._proto.domain)");
    }

    @Test
    void cancelEndsTheAsking() throws Exception {
        server.addresses(HOST, 1, "10.0.0.1");
        UpdateProbe probe = subscribe(HOST + ":8080");
        probe.awaitSet(List.of(A));
        settle();
        probe.cancel();
        pass(600);

        assertThat(server.questions()).hasSize(1);
        assertThat(ages.all()).isEmpty();
    }

    @Test
    void boundsOutOfRangeAreRefused() {
        assertThatThrownBy(() -> resolver.withTtl(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .hasMessage("ttl: PT2S to PT1S (expected: above zero, not falling)");
    }

    private UpdateProbe subscribe(String name) {
        return keep(UpdateProbe.on(resolver.resolve(name)));
    }

    private UpdateProbe keep(UpdateProbe probe) {
        probes.add(probe);
        return probe;
    }

    private void pass(long seconds) throws Exception {
        settle();
        time.advanceTimeBy(Duration.ofSeconds(seconds));
        settle();
    }

    /** Waits until the event loop has done what has come. */
    private void settle() throws Exception {
        for (int i = 0; i < 3; i++) {
            loop.submit(() -> {}).get();
        }
    }
}
