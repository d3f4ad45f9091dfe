package io.headgate.discovery.linkerd;

import static io.headgate.discovery.linkerd.ScriptedPlane.add;
import static io.headgate.discovery.linkerd.ScriptedPlane.remove;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.headgate.discovery.linkerd.internal.wire.DestinationProfile;
import io.headgate.discovery.linkerd.internal.wire.Update;
import io.headgate.discovery.linkerd.internal.wire.WeightedAddr;
import io.headgate.discovery.linkerd.internal.wire.WeightedAddrSet;
import io.headgate.profile.Profile;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.SourceAges;
import io.headgate.resolve.SourceObserver;
import io.headgate.resolve.Update.Absent;
import io.headgate.resolve.Update.Departure;
import io.headgate.resolve.Update.Remove;
import io.headgate.resolve.Update.Reset;
import io.headgate.resolve.Update.Upsert;
import io.headgate.test.UpdateProbe;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.test.scheduler.VirtualTimeScheduler;

/** The client, with a control plane that says what the test makes it say; all in one thread, in virtual time. */
class LinkerdDestinationTest {

    private static final String NAME = "orders.svc.cluster.local:80";

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final ScriptedPlane plane = new ScriptedPlane();
    private final Served served = Served.inProcess(plane);
    private final List<String> lost = new ArrayList<>();
    private LinkerdDestination linkerd = destination(LinkerdSettings.DEFAULTS);

    private LinkerdDestination destination(LinkerdSettings settings) {
        SourceObserver observer = new SourceObserver() {
            @Override
            public void away(String name, Throwable cause) {
                lost.add(name);
            }
        };
        return LinkerdDestination.over(served.channel(), settings, observer, observer, time);
    }

    @AfterEach
    void close() {
        served.close();
        time.dispose();
    }

    private static Endpoint endpoint(int lastByte) {
        return Endpoint.of("10.0.0." + lastByte, 8080);
    }

    private UpdateProbe resolve(String name) {
        return UpdateProbe.on(linkerd.resolve(name));
    }

    private void pass(Duration by) {
        for (long left = by.toMillis(); left > 0; left -= 50) {
            time.advanceTimeBy(Duration.ofMillis(Math.min(left, 50)));
        }
    }

    @Test
    void aQuestionSaysWhatIsAskedAndByWhom() {
        linkerd =
                destination(LinkerdSettings.DEFAULTS.withContextToken("ns:shop").withScheme("k8s"));
        resolve(NAME);
        Disposable profile = linkerd.profiles(NAME).subscribe();

        assertThat(plane.lastGet().question.getPath()).isEqualTo(NAME);
        assertThat(plane.lastGet().question.getScheme()).isEqualTo("k8s");
        assertThat(plane.lastGet().question.getContextToken()).isEqualTo("ns:shop");
        assertThat(plane.lastProfile().question).isEqualTo(plane.lastGet().question);
        profile.dispose();
    }

    @Test
    void updatesAreThoseOfTheControlPlane() {
        UpdateProbe probe = resolve(NAME);
        plane.lastGet().tell(add(1, 2));
        plane.lastGet().tell(add(3));
        plane.lastGet().tell(remove(2));
        plane.lastGet().tell(WireEndpoints.none(true));
        plane.lastGet().tell(WireEndpoints.none(false));

        assertThat(probe.updates())
                .containsExactly(
                        new Reset<>(List.of(endpoint(1), endpoint(2))),
                        new Upsert<>(List.of(endpoint(3))),
                        new Remove<>(List.of(endpoint(2)), Departure.DRAIN),
                        new Reset<>(List.of()),
                        new Absent<>());
    }

    @Test
    void emptyMessagesAreIgnored() {
        UpdateProbe probe = resolve(NAME);
        plane.lastGet().tell(remove(1));
        plane.lastGet().tell(Update.getDefaultInstance());
        plane.lastGet().tell(add());
        assertThat(probe.updates()).isEmpty();

        plane.lastGet().tell(add(1));
        plane.lastGet().tell(remove());
        probe.assertSet(List.of(endpoint(1)));
        assertThat(probe.updates()).hasSize(1);
    }

    @Test
    void theFirstSetOfANewStreamTakesThePlaceOfTheOldOne() {
        UpdateProbe probe = resolve(NAME);
        plane.lastGet().tell(add(1, 2));
        plane.lastGet().fail(Status.UNAVAILABLE);
        pass(Duration.ofMillis(150));

        assertThat(plane.gets).hasSize(2);
        plane.lastGet().tell(remove(1));
        probe.assertSet(List.of(endpoint(1), endpoint(2)));
        plane.lastGet().tell(add(2, 3));
        probe.assertSet(List.of(endpoint(2), endpoint(3)));
        assertThat(lost).containsExactly(NAME);
    }

    @Test
    void theEndOfAStreamIsALossToo() {
        UpdateProbe probe = resolve(NAME);
        plane.lastGet().tell(add(1));
        plane.lastGet().end();
        pass(Duration.ofMillis(150));

        assertThat(plane.gets).hasSize(2);
        probe.assertSet(List.of(endpoint(1)));
        probe.assertNotEnded();
    }

    @Test
    void attemptsThatFailAreFartherAndFartherApartUntilOneTellsSomething() {
        resolve(NAME);
        List<Long> times = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            int before = plane.gets.size();
            plane.lastGet().fail(Status.INTERNAL);
            long start = time.now(TimeUnit.MILLISECONDS);
            while (plane.gets.size() == before) {
                time.advanceTimeBy(Duration.ofMillis(1));
            }
            times.add(time.now(TimeUnit.MILLISECONDS) - start);
        }
        assertThat(times.get(0)).isBetween(100L, 151L);
        assertThat(times.get(7)).isBetween(400L, 801L);

        plane.lastGet().tell(add(1));
        plane.lastGet().fail(Status.INTERNAL);
        pass(Duration.ofMillis(150));
        assertThat(plane.gets).hasSize(10);
    }

    @Test
    void allSubscribersOfANameHaveOneStream() {
        UpdateProbe one = resolve(NAME);
        UpdateProbe two = resolve(NAME);
        List<Profile> early = new ArrayList<>();
        List<Profile> late = new ArrayList<>();
        Disposable first = linkerd.profiles(NAME).subscribe(early::add);
        plane.lastGet().tell(add(1));
        plane.lastProfile()
                .tell(DestinationProfile.newBuilder()
                        .setFullyQualifiedName("orders")
                        .build());
        Disposable second = linkerd.profiles(NAME).subscribe(late::add);

        assertThat(plane.gets).hasSize(1);
        assertThat(plane.profiles).hasSize(1);
        two.assertSet(List.of(endpoint(1)));
        assertThat(early).extracting(Profile::name).containsExactly("orders");
        assertThat(late).isEqualTo(early);

        one.cancel();
        first.dispose();
        assertThat(plane.lastGet().isCancelled()).isFalse();
        assertThat(plane.lastProfile().isCancelled()).isFalse();
        two.cancel();
        second.dispose();
        assertThat(plane.lastGet().isCancelled()).isTrue();
        assertThat(plane.lastProfile().isCancelled()).isTrue();
    }

    @Test
    void aRefusedNameFailsAndIsAskedForNoMore() {
        for (Status status : List.of(Status.INVALID_ARGUMENT, Status.FAILED_PRECONDITION)) {
            int before = plane.gets.size();
            UpdateProbe probe = resolve(NAME);
            plane.lastGet().fail(status);
            pass(Duration.ofMinutes(1));

            assertThat(probe.error())
                    .isInstanceOfSatisfying(
                            NameRefusedException.class,
                            refused -> assertThat(refused.name()).isEqualTo(NAME));
            assertThat(plane.gets).hasSize(before + 1);
        }
        assertThat(linkerd.stats().lookups()).isZero();
    }

    @Test
    void aRefusedNameHasTheEmptyProfileForEver() {
        List<Profile> told = new ArrayList<>();
        Disposable profiles = linkerd.profiles(NAME).subscribe(told::add);
        plane.lastProfile().fail(Status.FAILED_PRECONDITION);
        pass(Duration.ofMinutes(1));

        assertThat(told).containsExactly(Profile.EMPTY);
        assertThat(plane.profiles).hasSize(1);
        assertThat(profiles.isDisposed()).isFalse();
        profiles.dispose();
    }

    @Test
    void aProfileStaysInForceWhileItsStreamIsLost() {
        List<Profile> told = new ArrayList<>();
        Disposable profiles = linkerd.profiles(NAME).subscribe(told::add);
        plane.lastProfile()
                .tell(DestinationProfile.newBuilder().setFullyQualifiedName("a").build());
        plane.lastProfile().end();
        pass(Duration.ofMillis(150));
        assertThat(told).hasSize(1);

        plane.lastProfile()
                .tell(DestinationProfile.newBuilder().setFullyQualifiedName("b").build());
        assertThat(told).extracting(Profile::name).containsExactly("a", "b");
        profiles.dispose();
    }

    @Test
    void overTheLimitALookupWaitsUntilAnotherIsLeft() {
        linkerd = destination(LinkerdSettings.DEFAULTS.withMaxStreams(1));
        UpdateProbe first = resolve("a:80");
        UpdateProbe second = resolve("b:80");
        UpdateProbe third = resolve("c:80");
        assertThat(plane.gets).hasSize(1);
        assertThat(linkerd.stats()).isEqualTo(new DestinationStats(1, 0, 2, 0));

        plane.lastGet().fail(Status.UNAVAILABLE);
        pass(Duration.ofMillis(150));
        assertThat(plane.lastGet().question.getPath()).isEqualTo("a:80");

        second.cancel();
        first.cancel();
        assertThat(plane.lastGet().question.getPath()).isEqualTo("c:80");
        plane.lastGet().tell(add(1));
        third.assertSet(List.of(endpoint(1)));
        third.cancel();
        assertThat(linkerd.stats()).isEqualTo(new DestinationStats(0, 0, 0, 0));
    }

    @Test
    void aFirstMessageThatDoesNotComeInTimeFailsTheAttempt() {
        linkerd = destination(LinkerdSettings.DEFAULTS.withLimits(ReceiveLimits.NONE.withFirst(Duration.ofSeconds(2))));
        resolve(NAME);
        pass(Duration.ofMillis(1950));
        assertThat(plane.gets).hasSize(1);
        pass(Duration.ofMillis(250));

        assertThat(plane.gets).hasSize(2);
        assertThat(plane.gets.get(0).isCancelled()).isTrue();
        assertThat(lost).containsExactly(NAME);
    }

    @Test
    void aStreamThatIsIdleIsOpenedAgainAndNothingIsSaidToBeAway() {
        linkerd = destination(LinkerdSettings.DEFAULTS.withLimits(ReceiveLimits.NONE.withIdle(Duration.ofSeconds(10))));
        UpdateProbe probe = resolve(NAME);
        pass(Duration.ofMinutes(1));
        assertThat(plane.gets).as("no limit to the first message").hasSize(1);

        plane.lastGet().tell(add(1));
        pass(Duration.ofSeconds(9));
        plane.lastGet().tell(add(2));
        pass(Duration.ofSeconds(9));
        assertThat(plane.gets).hasSize(1);
        pass(Duration.ofMillis(1200));

        assertThat(plane.gets).hasSize(2);
        assertThat(plane.gets.get(0).isCancelled()).isTrue();
        assertThat(lost).isEmpty();
        probe.assertSet(List.of(endpoint(1), endpoint(2)));
        plane.lastGet().tell(add(2));
        probe.assertSet(List.of(endpoint(2)));
    }

    @Test
    void aStreamThatIsOldIsOpenedAgain() {
        linkerd = destination(
                LinkerdSettings.DEFAULTS.withLimits(ReceiveLimits.NONE.withLifetime(Duration.ofSeconds(10))));
        UpdateProbe probe = resolve(NAME);
        for (int second = 1; second < 10; second++) {
            plane.lastGet().tell(add(second));
            pass(Duration.ofSeconds(1));
        }
        assertThat(plane.gets).hasSize(1);
        pass(Duration.ofMillis(1200));

        assertThat(plane.gets).hasSize(2);
        assertThat(lost).isEmpty();
        probe.assertNotEnded();
    }

    @Test
    void namesOfOtherDomainsAreNotAskedFor() {
        linkerd = destination(
                LinkerdSettings.DEFAULTS.withSuffixes("svc.cluster.local.").withProfileSuffixes("svc.cluster.local."));
        UpdateProbe probe = resolve("example.com:443");
        List<Profile> profiles = new ArrayList<>();
        Disposable profile = linkerd.profiles("example.com:443").subscribe(profiles::add);

        assertThat(probe.updates()).containsExactly(new Absent<>());
        probe.assertNotEnded();
        assertThat(profiles).containsExactly(Profile.EMPTY);
        assertThat(plane.gets).isEmpty();
        assertThat(plane.profiles).isEmpty();

        resolve(NAME);
        assertThat(plane.gets).hasSize(1);
        profile.dispose();
    }

    @Test
    void partsThatMakeNoSenseAreCounted() {
        UpdateProbe probe = resolve(NAME);
        plane.lastGet()
                .tell(Update.newBuilder()
                        .setAdd(WeightedAddrSet.newBuilder()
                                .addAddrs(WeightedAddr.getDefaultInstance())
                                .addAddrs(WeightedAddr.newBuilder()
                                        .setAddr(ScriptedPlane.address(1))
                                        .setWeight(10_000)))
                        .build());

        probe.assertSet(List.of(endpoint(1)));
        assertThat(linkerd.stats().skipped()).isOne();
    }

    @Test
    void aMessageThatIsTooLongLosesTheStreamAndNotTheSet() {
        linkerd = destination(LinkerdSettings.DEFAULTS.withMaxMessageBytes(100));
        try (Served sockets = Served.onLoopback(plane)) {
            linkerd = LinkerdDestination.over(
                    sockets.channel(),
                    LinkerdSettings.DEFAULTS.withMaxMessageBytes(100),
                    SourceObserver.NONE,
                    SourceObserver.NONE,
                    time);
            UpdateProbe probe =
                    UpdateProbe.on(linkerd.resolve(NAME), Long.MAX_VALUE, () -> pass(Duration.ofSeconds(1)));
            await(() -> plane.gets.size() == 1);
            plane.lastGet().tell(add(1));
            probe.awaitSet(List.of(endpoint(1)));
            plane.lastGet().tell(add(1, 2, 3, 4, 5, 6, 7, 8));
            await(() -> plane.gets.size() == 2);
            plane.lastGet().tell(add(2));
            probe.awaitSet(List.of(endpoint(2)));
            probe.cancel();
        }
    }

    private void await(Callable<Boolean> condition) {
        Awaitility.await().until(() -> {
            pass(Duration.ofMillis(50));
            return condition.call();
        });
    }

    @Test
    void theAgeOfASetIsShownWhileTheControlPlaneIsAway() {
        SourceAges ages = SourceAges.with(() -> Instant.ofEpochMilli(time.now(TimeUnit.MILLISECONDS)));
        linkerd = LinkerdDestination.over(served.channel(), LinkerdSettings.DEFAULTS, ages, SourceObserver.NONE, time);
        UpdateProbe probe = resolve(NAME);
        plane.lastGet().tell(add(1));
        assertThat(ages.of(NAME).isCurrent()).isTrue();

        served.stop();
        pass(Duration.ofSeconds(30));
        assertThat(ages.of(NAME).isCurrent()).isFalse();
        probe.assertSet(List.of(endpoint(1)));

        served.start();
        pass(Duration.ofMillis(800));
        plane.lastGet().tell(add(2));
        assertThat(ages.of(NAME).isCurrent()).isTrue();
        probe.cancel();
        assertThat(ages.all()).isEmpty();
    }

    @Test
    void aClosedChannelEndsResolutionsAndLeavesProfiles() {
        UpdateProbe probe = resolve(NAME);
        List<Profile> told = new ArrayList<>();
        Disposable profiles = linkerd.profiles(NAME).subscribe(told::add);
        plane.lastGet().tell(add(1));
        served.channel().shutdownNow();
        pass(Duration.ofSeconds(1));

        assertThat(probe.error()).isInstanceOf(CancellationException.class);
        assertThat(profiles.isDisposed()).isFalse();
        assertThat(linkerd.stats().lookups()).isZero();
        profiles.dispose();
    }

    @Test
    void aDestinationOfItsOwnIsOpenedAndClosed() {
        try (Served sockets = Served.onLoopback(plane)) {
            LinkerdDestination own = LinkerdDestination.open("127.0.0.1", sockets.port(), LinkerdSettings.DEFAULTS);
            UpdateProbe probe = UpdateProbe.on(own.resolve(NAME));
            await(() -> plane.gets.size() == 1);
            plane.lastGet().tell(add(7));
            probe.awaitSet(List.of(endpoint(7)));

            own.closeAsync().block();
            assertThat(probe.awaitError()).isInstanceOf(CancellationException.class);
        }
    }
}
