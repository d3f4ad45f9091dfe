package io.headgate.discovery.linkerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.headgate.discovery.linkerd.internal.wire.DestinationGrpc;
import io.headgate.discovery.linkerd.internal.wire.DestinationProfile;
import io.headgate.discovery.linkerd.internal.wire.GetDestination;
import io.headgate.discovery.linkerd.internal.wire.Update;
import io.headgate.profile.Profile;
import io.headgate.profile.ProfileRoute;
import io.headgate.profile.ProfileSource;
import io.headgate.profile.RequestMatch;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.EndpointRegistry;
import io.headgate.resolve.EndpointSet;
import io.headgate.resolve.Resolver;
import io.headgate.resolve.Update.Departure;
import io.headgate.retry.BudgetSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.test.scheduler.VirtualTimeScheduler;

/** The server, with a client that asks for messages one by one. */
class DestinationServerTest {

    private static final String NAME = "orders:80";

    private final VirtualTimeScheduler time = VirtualTimeScheduler.create();
    private final EndpointRegistry registry = new EndpointRegistry();
    private final AtomicInteger watched = new AtomicInteger();
    private Served served;

    private Served serve(Resolver resolver, ProfileSource profiles) {
        served = Served.inProcess(DestinationServer.of(resolver, profiles).withPatience(Duration.ofSeconds(5), time));
        return served;
    }

    private Resolver counted() {
        return name -> registry.resolve(name)
                .doOnSubscribe(subscription -> watched.incrementAndGet())
                .doFinally(end -> watched.decrementAndGet());
    }

    @AfterEach
    void close() {
        served.close();
        time.dispose();
    }

    private static Endpoint endpoint(int number) {
        return Endpoint.of("10.0." + number / 250 + "." + (1 + number % 250), 8080);
    }

    private static List<Endpoint> endpoints(int from, int to) {
        return IntStream.range(from, to)
                .mapToObj(DestinationServerTest::endpoint)
                .toList();
    }

    private Reader<Update> get(String path, int demand) {
        return Reader.of(served, DestinationGrpc.getGetMethod(), path, demand);
    }

    @Test
    void namesThatAreNoneAreRefused() {
        serve(counted(), ProfileSource.NONE);
        for (String path : List.of("", "a b", "http://orders:80", "orders:http")) {
            assertThat(get(path, 1).status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(Reader.of(served, DestinationGrpc.getGetProfileMethod(), path, 1)
                            .status
                            .getCode())
                    .isEqualTo(Status.Code.INVALID_ARGUMENT);
        }
        assertThat(watched).hasValue(0);
    }

    @Test
    void namesThatTheSourceRefusesAreRefusedAndWhatElseFailsIsNotFinal() {
        serve(
                name -> Flux.error(
                        name.equals(NAME)
                                ? new NameRefusedException(name, new IllegalStateException())
                                : new IllegalStateException("secret")),
                ProfileSource.NONE);

        assertThat(get(NAME, 1).status.getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(get("users:80", 1).status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(get("users:80", 1).status.getDescription()).doesNotContain("secret");
    }

    @Test
    void theHeadOfTheReplyComesAtOnceAndNothingIsSaidThatIsNotKnown() {
        Sinks.Many<io.headgate.resolve.Update<Endpoint>> source =
                Sinks.many().unicast().onBackpressureBuffer();
        serve(name -> source.asFlux(), ProfileSource.NONE);
        Reader<Update> reader = get(NAME, 10);
        time.advanceTimeBy(Duration.ofMillis(4900));

        assertThat(reader.begun).isTrue();
        assertThat(reader.messages).isEmpty();
        source.tryEmitNext(new io.headgate.resolve.Update.Reset<>(endpoints(0, 1)));
        time.advanceTimeBy(Duration.ofHours(1));
        assertThat(reader.messages).containsExactly(WireEndpoints.added(endpoints(0, 1)));
        assertThat(reader.status).isNull();
    }

    @Test
    void aSourceThatKnowsNothingInTimeEndsTheStream() {
        serve(name -> Flux.never(), name -> Flux.never());
        Reader<Update> updates = get(NAME, 1);
        Reader<DestinationProfile> profiles = Reader.of(served, DestinationGrpc.getGetProfileMethod(), NAME, 1);
        time.advanceTimeBy(Duration.ofSeconds(5));

        assertThat(updates.status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(profiles.status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void messagesAreAsLongAsTheChange() {
        serve(counted(), ProfileSource.NONE);
        registry.reset(NAME, endpoints(0, 1000));
        Reader<Update> reader = get(NAME, 100);
        assertThat(reader.messages.get(0).getAdd().getAddrsCount()).isEqualTo(1000);

        registry.upsert(NAME, endpoint(1), endpoint(1000));
        registry.remove(NAME, Departure.DROP, endpoint(0), endpoint(5000));
        registry.reset(NAME, endpoints(2, 1002));
        registry.reset(NAME, endpoints(2, 1002));

        assertThat(reader.messages.subList(1, reader.messages.size()))
                .containsExactly(
                        WireEndpoints.added(endpoints(1000, 1001)),
                        WireEndpoints.removed(endpoints(0, 1)),
                        WireEndpoints.added(endpoints(1001, 1002)),
                        WireEndpoints.removed(endpoints(1, 2)));
    }

    @Test
    void anEmptySetExistsAndAnAbsentOneDoesNot() {
        serve(counted(), ProfileSource.NONE);
        Reader<Update> reader = get(NAME, 100);
        registry.reset(NAME, List.of());
        registry.upsert(NAME, endpoint(1));
        registry.remove(NAME, Departure.DRAIN, endpoint(1));
        registry.absent(NAME);

        assertThat(reader.messages)
                .containsExactly(
                        WireEndpoints.none(false),
                        WireEndpoints.none(true),
                        WireEndpoints.added(endpoints(1, 2)),
                        WireEndpoints.none(true),
                        WireEndpoints.none(false));
    }

    @Test
    void endpointsWithHostNamesAreLeftOut() {
        serve(counted(), ProfileSource.NONE);
        registry.reset(NAME, List.of(Endpoint.of("orders.example", 80), endpoint(1)));
        Reader<Update> reader = get(NAME, 100);
        registry.upsert(NAME, Endpoint.of("users.example", 80));
        registry.remove(NAME, Departure.DRAIN, Endpoint.of("orders.example", 80), endpoint(1));

        assertThat(reader.messages).containsExactly(WireEndpoints.added(endpoints(1, 2)), WireEndpoints.none(true));
    }

    @Test
    void aSlowClientIsToldTheDifferenceInFewMessages() {
        served = Served.onLoopback(DestinationServer.of(counted(), ProfileSource.NONE));
        List<Endpoint> all = endpoints(0, 5100).stream()
                .map(each -> each.withLabels(Map.of("filler", "x".repeat(2000))))
                .toList();
        registry.reset(NAME, all.subList(0, 100));
        Reader<Update> reader = get(NAME, 1);
        Awaitility.await().until(() -> reader.messages.size() == 1);
        for (int i = 1; i <= 5000; i++) {
            registry.reset(NAME, all.subList(i, i + 100));
        }
        Set<Endpoint> last = Set.copyOf(all.subList(5000, 5100));
        Awaitility.await().until(() -> {
            reader.call.request(500);
            return Set.copyOf(replay(reader.messages).endpoints()).equals(last);
        });

        assertThat(reader.messages).as("of 10,000 steps").hasSizeLessThan(5000);
        reader.cancel();
    }

    private static EndpointSet replay(List<Update> messages) {
        EndpointSet set = new EndpointSet();
        Skipped skipped = new Skipped("test");
        messages.forEach(message -> set.apply(WireEndpoints.decode(message, skipped)));
        return set;
    }

    @Test
    void aClientThatGoesAwayReleasesItsSubscription() {
        serve(counted(), ProfileSource.NONE);
        registry.reset(NAME, endpoints(0, 1));
        Reader<Update> asked = get(NAME, 1);
        Reader<Update> silent = get(NAME, 0);
        assertThat(watched).hasValue(2);

        asked.cancel();
        silent.cancel();
        assertThat(watched).hasValue(0);
    }

    @Test
    void theServerThatStopsReleasesAllSubscriptions() {
        serve(counted(), ProfileSource.NONE);
        Reader<Update> reader = get(NAME, 1);
        served.stop();

        assertThat(watched).hasValue(0);
        assertThat(reader.status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    @Test
    void aClientThatIsNotReadyGetsTheLatestProfile() {
        Sinks.Many<Profile> source = Sinks.many().multicast().directBestEffort();
        serve(counted(), name -> source.asFlux());
        Reader<DestinationProfile> reader = Reader.of(served, DestinationGrpc.getGetProfileMethod(), NAME, 0);
        for (int i = 0; i < 1000; i++) {
            source.tryEmitNext(Profile.EMPTY.withName("v" + i));
        }
        reader.call.request(1000);

        assertThat(reader.messages.get(reader.messages.size() - 1).getFullyQualifiedName())
                .isEqualTo("v999");
        assertThat(reader.messages).hasSizeLessThan(1000);
        reader.cancel();
    }

    @Test
    void whatOneGatewayOffersAnotherReads() {
        Profile profile = Profile.of(ProfileRoute.of(RequestMatch.path("/a")).withRetryable(true))
                .withRetryBudget(BudgetSettings.DEFAULTS);
        serve(counted(), name -> Flux.just(profile).concatWith(Flux.never()));
        LinkerdDestination linkerd = LinkerdDestination.over(served.channel(), LinkerdSettings.DEFAULTS);
        List<Profile> told = new CopyOnWriteArrayList<>();
        var subscription = linkerd.profiles(NAME).subscribe(told::add);

        assertThat(told).containsExactly(profile);
        subscription.dispose();
    }

    /** Asks for as many messages as it is told to, and no more. */
    private static final class Reader<W> extends ClientCall.Listener<W> {

        final List<W> messages = new CopyOnWriteArrayList<>();
        final ClientCall<GetDestination, W> call;
        volatile boolean begun;
        volatile Status status;

        private Reader(ClientCall<GetDestination, W> call) {
            this.call = call;
        }

        static <W> Reader<W> of(Served served, MethodDescriptor<GetDestination, W> method, String path, int demand) {
            Reader<W> reader = new Reader<>(served.channel().newCall(method, CallOptions.DEFAULT));
            reader.call.start(reader, new Metadata());
            if (demand > 0) {
                reader.call.request(demand);
            }
            reader.call.sendMessage(GetDestination.newBuilder().setPath(path).build());
            reader.call.halfClose();
            return reader;
        }

        void cancel() {
            call.cancel("test ends", null);
        }

        @Override
        public void onHeaders(Metadata headers) {
            begun = true;
        }

        @Override
        public void onMessage(W message) {
            messages.add(message);
        }

        @Override
        public void onClose(Status closed, Metadata trailers) {
            status = closed;
        }
    }
}
