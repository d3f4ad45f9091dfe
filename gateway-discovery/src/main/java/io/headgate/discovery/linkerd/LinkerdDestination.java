package io.headgate.discovery.linkerd;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.headgate.discovery.linkerd.StreamLimits.ReopenException;
import io.headgate.discovery.linkerd.internal.wire.DestinationGrpc;
import io.headgate.discovery.linkerd.internal.wire.GetDestination;
import io.headgate.profile.Profile;
import io.headgate.profile.ProfileSource;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Recovery;
import io.headgate.resolve.Resolver;
import io.headgate.resolve.SourceObserver;
import io.headgate.resolve.Update;
import java.util.Objects;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * A control plane that speaks the destination API of Linkerd, as a source of endpoints ({@code Get}) and of profiles
 * ({@code GetProfile}). Names are {@code host:port}.
 *
 * <pre>
 * LinkerdDestination linkerd = LinkerdDestination.open("linkerd-dst", 8086, LinkerdSettings.DEFAULTS);
 * Flux&lt;Update&lt;Endpoint&gt;&gt; endpoints = linkerd.resolve("orders.shop.svc.cluster.local:80");
 * Flux&lt;Profile&gt; profiles = linkerd.profiles("orders.shop.svc.cluster.local:80");
 * </pre>
 *
 * <p>Its streams are <i>state streams</i>. However many subscribe to a name, the control plane has one stream of it. A stream that is lost
 * is opened again with jittered exponential backoff, and what was told last stays in force until then; the first set on
 * a new stream takes the place of the old one. While the connection is down, it is dialled at the same pace, once for all names.
 *
 * <p><b>Errors.</b> A name that the control plane refuses for good (INVALID_ARGUMENT, FAILED_PRECONDITION) fails its resolution with a
 * {@link NameRefusedException}, and has the empty profile. Everything else is told to the observers only. Parts of messages that
 * make no sense are left out, counted and logged.
 *
 * <p><b>Threading.</b> Safe. Subscribers are told on the thread of the channel, or of whoever asks for more.
 *
 * <p><b>Cancellation.</b> The last subscriber of a name that cancels ends its stream at the control plane.
 */
public final class LinkerdDestination implements Resolver, ProfileSource {

    private static final Logger LOG = LoggerFactory.getLogger(LinkerdDestination.class);

    private final Channel channel;
    private final @Nullable OwnChannel own;
    private final LinkerdSettings settings;
    private final CallOptions options;
    private final Suffixes suffixes;
    private final Suffixes profileSuffixes;
    private final StreamLimits limits;
    private final Redial redial;
    private final Recovery recovery;
    private final SourceObserver endpointObserver;
    private final SourceObserver profileObserver;
    private final Admission lookups;
    private final Admission profileLookups;
    private final LongAdder skipped = new LongAdder();
    private final Resolver endpoints = ((Resolver) this::lookUp).shared();
    private final ProfileSource profiles = new SharedProfiles(this::lookUpProfile);

    private LinkerdDestination(
            Channel channel,
            @Nullable OwnChannel own,
            LinkerdSettings settings,
            SourceObserver endpointObserver,
            SourceObserver profileObserver,
            Scheduler timer) {
        this.channel = Objects.requireNonNull(channel, "channel");
        this.own = own;
        this.settings = Objects.requireNonNull(settings, "settings");
        this.endpointObserver = new OutagesOnly(Objects.requireNonNull(endpointObserver, "endpointObserver"));
        this.profileObserver = new OutagesOnly(Objects.requireNonNull(profileObserver, "profileObserver"));
        options = CallOptions.DEFAULT.withMaxInboundMessageSize(settings.maxMessageBytes());
        suffixes = new Suffixes(settings.suffixes());
        profileSuffixes = new Suffixes(settings.profileSuffixes());
        limits = new StreamLimits(settings.limits(), timer);
        redial = new Redial(channel, settings.firstBackoff(), settings.longestBackoff(), timer);
        recovery = Recovery.create()
                .withBackoff(settings.firstBackoff(), settings.longestBackoff())
                .withFinal(error -> error instanceof NameRefusedException || error instanceof CancellationException)
                .withScheduler(timer);
        lookups = new Admission(settings.maxStreams());
        profileLookups = new Admission(settings.maxStreams());
    }

    /**
     * Opens a cleartext connection, when the first name is asked for, with an event loop of its own. {@link #closeAsync} ends both.
     *
     * @param host a name or an address of the control plane
     * @param port 1 to 65535
     * @param settings how it is asked
     * @return the destination
     */
    public static LinkerdDestination open(String host, int port, LinkerdSettings settings) {
        OwnChannel own = new OwnChannel(host, port);
        return new LinkerdDestination(
                own.channel(), own, settings, SourceObserver.NONE, SourceObserver.NONE, Schedulers.parallel());
    }

    /**
     * Uses a channel of the caller's, for example one with TLS; nobody is told whether the control plane is there.
     *
     * @param channel stays the caller's to shut down
     * @param settings how it is asked
     * @return the destination
     * @see #over(Channel, LinkerdSettings, SourceObserver, SourceObserver, Scheduler)
     */
    public static LinkerdDestination over(Channel channel, LinkerdSettings settings) {
        return over(channel, settings, SourceObserver.NONE, SourceObserver.NONE, Schedulers.parallel());
    }

    /**
     * Uses a channel of the caller's. It should be a {@link ManagedChannel}: only that can be dialled. Behind an intercepted
     * one gRPC decides when to dial, and waits up to two minutes after a long outage.
     *
     * @param channel stays the caller's to shut down
     * @param settings how it is asked
     * @param endpoints is told whether what is known of the endpoints of a name is current
     * @param profiles is told whether the profile of a name is current
     * @param timer runs waits and limits of time
     * @return the destination
     */
    public static LinkerdDestination over(
            Channel channel,
            LinkerdSettings settings,
            SourceObserver endpoints,
            SourceObserver profiles,
            Scheduler timer) {
        return new LinkerdDestination(channel, null, settings, endpoints, profiles, timer);
    }

    /**
     * Resolves a name. One that has none of the {@linkplain LinkerdSettings#suffixes suffixes} is absent, without a question.
     *
     * @param name host and port
     * @return a state stream of updates
     */
    @Override
    public Flux<Update<Endpoint>> resolve(String name) {
        return suffixes.has(name)
                ? endpoints.resolve(name)
                : Flux.concat(Mono.just(new Update.Absent<>()), Mono.never());
    }

    /**
     * Looks a profile up. One that has none of the {@linkplain LinkerdSettings#profileSuffixes suffixes} is empty, without a
     * question.
     *
     * @param name host and port
     * @return a state stream of profiles
     */
    @Override
    public Flux<Profile> profiles(String name) {
        return profileSuffixes.has(name) ? profiles.profiles(name) : NONE.profiles(name);
    }

    /**
     * What is looked up now, and what was left out of messages.
     *
     * @return a snapshot
     */
    public DestinationStats stats() {
        return new DestinationStats(
                lookups.admitted(),
                profileLookups.admitted(),
                lookups.waiting() + profileLookups.waiting(),
                skipped.sum());
    }

    /**
     * Ends the connection that {@link #open} has made; a channel of the caller's is left alone. Resolutions that are still subscribed to
     * fail with a {@link CancellationException}; profiles stay as they are.
     *
     * @return completes when the event loop is gone; nothing happens before it is subscribed
     */
    public Mono<Void> closeAsync() {
        return own == null ? Mono.empty() : own.closeAsync();
    }

    private Flux<Update<Endpoint>> lookUp(String name) {
        Flux<Update<Endpoint>> attempt = attempts(DestinationGrpc.getGetMethod(), name)
                .mapNotNull(message -> {
                    Skipped parts = new Skipped(name);
                    Update<Endpoint> update = WireEndpoints.decode(message, parts);
                    parts.report(skipped);
                    return update;
                });
        return lookups.admit(recovery.withObserver(endpointObserver).updates(name, attempt));
    }

    private Flux<Profile> lookUpProfile(String name) {
        Flux<Profile> attempt = attempts(DestinationGrpc.getGetProfileMethod(), name)
                .map(message -> {
                    Skipped parts = new Skipped(name);
                    Profile profile = WireProfiles.decode(message, parts);
                    parts.report(skipped);
                    return profile;
                });
        return profileLookups
                .admit(recovery.withObserver(profileObserver).states(name, attempt))
                .onErrorResume(NameRefusedException.class, refused -> {
                    LOG.warn("profile of {}: none from now on", name, refused);
                    return NONE.profiles(name);
                })
                .onErrorResume(closed -> Flux.never());
    }

    /** Each subscription is an attempt. The first fails when there is no connection, so that it can be said why; later ones wait for it. */
    private <W> Flux<W> attempts(MethodDescriptor<GetDestination, W> method, String name) {
        GetDestination question = GetDestination.newBuilder()
                .setScheme(settings.scheme())
                .setPath(name)
                .setContextToken(settings.contextToken())
                .build();
        Flux<W> now = new ServerStream<>(channel, method, options, question);
        Flux<W> patient = redial.canDial()
                ? redial.during(new ServerStream<>(channel, method, options.withWaitForReady(), question))
                : now;
        AtomicBoolean lost = new AtomicBoolean();
        return Flux.defer(() -> limits.on(lost.get() ? patient : now))
                .doOnNext(message -> lost.setPlain(false))
                .doOnError(error -> lost.set(true))
                .onErrorMap(error -> understood(name, error));
    }

    private Throwable understood(String name, Throwable error) {
        Status.Code code = Status.fromThrowable(error).getCode();
        if (code == Status.Code.INVALID_ARGUMENT || code == Status.Code.FAILED_PRECONDITION) {
            return new NameRefusedException(name, error);
        } else if (channel instanceof ManagedChannel managed && managed.isShutdown()) {
            return new CancellationException("destination: closed (expected: open while names are looked up)");
        }
        return error;
    }

    @Override
    public String toString() {
        return "Linkerd at " + channel.authority();
    }

    /** Hides that a stream was opened again for its age: the control plane was not away. */
    private record OutagesOnly(SourceObserver told) implements SourceObserver {

        @Override
        public void current(String name) {
            told.current(name);
        }

        @Override
        public void away(String name, Throwable cause) {
            if (!(cause instanceof ReopenException)) {
                told.away(name, cause);
            }
        }

        @Override
        public void left(String name) {
            told.left(name);
        }
    }
}
