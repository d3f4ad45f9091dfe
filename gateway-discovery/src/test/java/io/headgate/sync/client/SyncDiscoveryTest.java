package io.headgate.sync.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.discovery.DocumentException;
import io.headgate.profile.Profile;
import io.headgate.profile.ProfileRoute;
import io.headgate.profile.RequestMatch;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.SourceAges;
import io.headgate.resolve.Update;
import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.Disposables;
import reactor.core.publisher.Flux;
import reactor.test.StepVerifier;
import reactor.test.scheduler.VirtualTimeScheduler;

class SyncDiscoveryTest {

    private static final Update<Endpoint> A = new Update.Reset<>(List.of(Endpoint.of("10.0.0.1", 80)));
    private static final Update<Endpoint> B = new Update.Reset<>(List.of(Endpoint.of("10.0.0.2", 80)));
    private static final Update<Endpoint> ABSENT = new Update.Absent<>();
    private static final Profile ROUTED =
            Profile.of(ProfileRoute.of(RequestMatch.path("/a")).withLabel("route", "a"));
    private static final String ROUTED_JSON = "{\"routes\":[{\"name\":\"a\",\"condition\":{\"pathRegex\":\"/a\"}}]}";

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final HandMadeSet set = new HandMadeSet();
    private final SourceAges ages = SourceAges.create();
    private final SourceAges profileAges = SourceAges.create();
    private final SyncDiscovery discovery = SyncDiscovery.of(set.events())
            .withScheduler(time)
            .withObserver(ages)
            .withProfileObserver(profileAges);
    private final Disposable.Composite subscriptions = Disposables.composite();

    @AfterEach
    void nothingOutlivesTheLastSubscriber() {
        subscriptions.dispose();
        assertThat(set.followers()).isZero();
        assertThat(ages.all()).isEmpty();
        assertThat(profileAges.all()).isEmpty();
        assertThat(discovery.stats().subscribers()).isZero();
    }

    private <T> List<T> follow(Flux<T> states) {
        List<T> told = new ArrayList<>();
        subscriptions.add(states.subscribe(told::add));
        pass();
        return told;
    }

    private void pass() {
        time.advanceTimeBy(Duration.ZERO);
    }

    @Test
    void anEntryIsTheEndpointsOrTheProfileOfItsName() {
        set.put("/headgate/v1/endpoints/orders", "[\"10.0.0.1:80\"]");
        set.put("/headgate/v1/profiles/orders", ROUTED_JSON);
        set.put("/somebody/elses/orders", "?");

        assertThat(follow(discovery.resolve("orders"))).containsExactly(A);
        assertThat(follow(discovery.profiles("orders"))).containsExactly(ROUTED);
        assertThat(discovery.stats()).isEqualTo(new SyncDiscoveryStats(2, SyncStatus.IN_SYNC, null, 1, 1, 0, 0, 0));
    }

    @Test
    void theSetIsFollowedOnceForAllNames() {
        List<Update<Endpoint>> orders = follow(discovery.resolve("orders"));
        List<Update<Endpoint>> carts = follow(discovery.resolve("carts"));
        follow(discovery.profiles("orders"));
        assertThat(set.followers()).isOne();
        set.put("/headgate/v1/endpoints/carts", "[\"10.0.0.2:80\"]");
        pass();

        assertThat(orders).containsExactly(ABSENT);
        assertThat(carts).containsExactly(ABSENT, B);
    }

    @Test
    void aNameIsAbsentOnlyOnceTheSetIsInSync() {
        set.status(SyncStatus.RESYNC);
        List<Update<Endpoint>> told = follow(discovery.resolve("orders"));
        List<Profile> profiles = follow(discovery.profiles("orders"));
        assertThat(told).isEmpty();
        assertThat(profiles).isEmpty();

        set.status(SyncStatus.IN_SYNC);
        pass();
        assertThat(told).containsExactly(ABSENT);
        assertThat(profiles).containsExactly(Profile.EMPTY);
    }

    @Test
    void aNameThatIsAskedForWhileTheSetIsReadAgainWaitsForTheEndOfThat() {
        follow(discovery.resolve("carts"));
        set.status(SyncStatus.RESYNC);
        List<Update<Endpoint>> told = follow(discovery.resolve("orders"));
        assertThat(told).isEmpty();

        set.status(SyncStatus.IN_SYNC);
        pass();
        assertThat(told).containsExactly(ABSENT);
    }

    @Test
    void aDeletionMakesANameAbsentAtOnce() {
        set.put("/headgate/v1/endpoints/orders", "[\"10.0.0.1:80\"]");
        List<Update<Endpoint>> told = follow(discovery.resolve("orders"));
        set.status(SyncStatus.RESYNC);
        set.remove("/headgate/v1/endpoints/orders");
        pass();

        assertThat(told).containsExactly(A, ABSENT);
    }

    @Test
    void whatIsKnownStaysInForceWhileTheSourceIsAwayAndItsAgeIsShown() {
        set.put("/headgate/v1/endpoints/orders", "[\"10.0.0.1:80\"]");
        List<Update<Endpoint>> told = follow(discovery.resolve("orders"));
        assertThat(ages.of("orders").isCurrent()).isTrue();

        set.status(SyncStatus.WAIT_FOR_DATASTORE);
        pass();
        follow(discovery.resolve("carts"));
        assertThat(told).containsExactly(A);
        assertThat(ages.of("orders").isCurrent()).isFalse();
        assertThat(ages.of("carts").cause()).hasMessageContaining("waits for its source");

        set.status(SyncStatus.IN_SYNC);
        pass();
        assertThat(ages.of("orders").isCurrent()).isTrue();
        assertThat(ages.of("carts").isCurrent()).isTrue();
    }

    @Test
    void aBadDocumentIsCountedAndTheLastGoodOneStaysInForce() {
        set.put("/headgate/v1/endpoints/orders", "[\"10.0.0.1:80\"]");
        set.put("/headgate/v1/profiles/orders", "{\"routs\":[]}");
        List<Update<Endpoint>> told = follow(discovery.resolve("orders"));
        List<Profile> profiles = follow(discovery.profiles("orders"));
        set.put("/headgate/v1/endpoints/orders", "[\"10.0.0.1\"]");
        pass();

        assertThat(told).containsExactly(A);
        assertThat(profiles).isEmpty();
        assertThat(discovery.stats().badDocuments()).isEqualTo(2);
        assertThat(ages.of("orders").cause())
                .isInstanceOf(DocumentException.class)
                .hasMessage("/headgate/v1/endpoints/orders: endpoints[0]: \"10.0.0.1\""
                        + " (expected: host:port or [address]:port)");

        set.say(new SyncEvent.Heard(Instant.EPOCH));
        pass();
        assertThat(ages.of("orders").isCurrent()).isFalse();
        set.put("/headgate/v1/endpoints/orders", "[\"10.0.0.2:80\"]");
        set.put("/headgate/v1/profiles/orders", ROUTED_JSON);
        pass();
        assertThat(told).containsExactly(A, B);
        assertThat(profiles).containsExactly(ROUTED);
        assertThat(ages.of("orders").isCurrent()).isTrue();
        assertThat(discovery.stats().heard()).isEqualTo(Instant.EPOCH);
    }

    @Test
    void aNameWithSlashesIsEscapedAndAKeyThatNamesNothingIsCounted() {
        set.put("/headgate/v1/endpoints/shop%2forders%25", "[\"10.0.0.1:80\"]");
        for (String bad : List.of("", "a/b", "a%", "a%2", "a%41")) {
            set.put("/headgate/v1/endpoints/" + bad, "[]");
        }

        assertThat(follow(discovery.resolve("shop/orders%"))).containsExactly(A);
        assertThat(discovery.stats().badKeys()).isEqualTo(5);
        for (String name : List.of("a", "a/b", "%", "%2f", "//", "100%/%25")) {
            assertThat(EntryNames.unescape(EntryNames.escape(name))).isEqualTo(name);
        }
    }

    @Test
    void aSetThatFailsIsFollowedAgainAndWhatHasVanishedMeanwhileLeavesAtItsEnd() {
        set.put("/headgate/v1/endpoints/orders", "[\"10.0.0.1:80\"]");
        set.put("/headgate/v1/endpoints/carts", "[\"10.0.0.2:80\"]");
        List<Update<Endpoint>> orders = follow(discovery.resolve("orders"));
        List<Update<Endpoint>> carts = follow(discovery.resolve("carts"));
        set.forget("/headgate/v1/endpoints/orders");
        set.fail(new IllegalStateException("broken"));
        pass();
        assertThat(ages.of("orders").cause()).hasMessage("broken");
        assertThat(orders).containsExactly(A);

        time.advanceTimeBy(Duration.ofSeconds(1));
        assertThat(orders).containsExactly(A, ABSENT);
        assertThat(carts).containsExactly(B);
        assertThat(ages.of("carts").isCurrent()).isTrue();
        assertThat(discovery.stats().losses()).isOne();
    }

    @Test
    void equalDocumentsAreNoNews() {
        set.put("/headgate/v1/endpoints/orders", "[\"10.0.0.1:80\"]");
        List<Update<Endpoint>> told = follow(discovery.resolve("orders"));
        set.put("/headgate/v1/endpoints/orders", " [ \"10.0.0.1:80\" ] ");
        pass();

        assertThat(told).containsExactly(A);
    }

    @Test
    void aSubscriberThatLeavesWhileItIsToldLeavesNothingBehind() {
        set.put("/headgate/v1/endpoints/orders", "[\"10.0.0.1:80\"]");
        StepVerifier.create(discovery.resolve("orders").take(1).doOnSubscribe(begun -> time.schedule(() -> {})))
                .then(this::pass)
                .expectNext(A)
                .verifyComplete();
    }

    @Test
    void prefixesThatCannotBeToldApartAreRefused() {
        assertThatThrownBy(() -> discovery.withPrefixes("/a", "/a/b"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("prefixes: /a and /a/b (expected: two of which none begins with the other)");
    }
}
