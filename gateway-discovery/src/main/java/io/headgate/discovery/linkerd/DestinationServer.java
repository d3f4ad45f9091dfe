package io.headgate.discovery.linkerd;

import io.grpc.BindableService;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.headgate.discovery.linkerd.internal.wire.DestinationGrpc;
import io.headgate.discovery.linkerd.internal.wire.DestinationProfile;
import io.headgate.discovery.linkerd.internal.wire.GetDestination;
import io.headgate.discovery.linkerd.internal.wire.Update;
import io.headgate.http.RequestSyntax;
import io.headgate.profile.ProfileSource;
import io.headgate.resolve.Resolver;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Offers a resolver and a source of profiles to others by the destination API of Linkerd: to gateways, and to the proxies of
 * Linkerd itself. Give it to the gRPC server of your choice:
 *
 * <pre>
 * Server server = NettyServerBuilder.forPort(8086)
 *         .addService(DestinationServer.of(resolver.shared(), profiles))
 *         .permitKeepAliveTime(10, TimeUnit.SECONDS)
 *         .build();
 * </pre>
 *
 * <p>A client is told the whole state first and what changes from then on, in messages as long as the change. One that reads slowly gets
 * fewer: its demand reaches the source, which puts together what waits. Names are {@code host:port}; others are refused with
 * INVALID_ARGUMENT, as are those that the source refuses.
 *
 * <p>A service that exists is never said to have no endpoints while the source does not know: the head of the reply comes at once,
 * and when the source says nothing {@linkplain #withPatience in time} the stream ends with UNAVAILABLE, so that the client asks
 * again and keeps what it has.
 *
 * <p><b>Threading.</b> Immutable; messages are sent on the thread of the source.
 *
 * <p><b>Cancellation.</b> A client that goes away releases its subscription.
 */
public final class DestinationServer implements BindableService {

    /** How long a source may know nothing of a name. */
    public static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(DestinationServer.class);

    private final Resolver resolver;
    private final ProfileSource profiles;
    private final Duration patience;
    private final Scheduler timer;

    private DestinationServer(Resolver resolver, ProfileSource profiles, Duration patience, Scheduler timer) {
        if (patience.isNegative() || patience.isZero()) {
            throw new IllegalArgumentException("patience: " + patience + " (expected: above zero)");
        }
        this.resolver = Objects.requireNonNull(resolver, "resolver");
        this.profiles = Objects.requireNonNull(profiles, "profiles");
        this.patience = patience;
        this.timer = Objects.requireNonNull(timer, "timer");
    }

    /**
     * Offers both. Each client subscribes for itself: {@link Resolver#shared} in front of a source makes that one subscription.
     *
     * @param resolver answers {@code Get}
     * @param profiles answers {@code GetProfile}; {@link ProfileSource#NONE} for empty ones
     * @return the service
     */
    public static DestinationServer of(Resolver resolver, ProfileSource profiles) {
        return new DestinationServer(resolver, profiles, DEFAULT_PATIENCE, Schedulers.parallel());
    }

    /**
     * A copy that waits longer or shorter for a source that knows nothing yet.
     *
     * @param changed above zero
     * @param scheduler runs the wait
     * @return the copy
     */
    public DestinationServer withPatience(Duration changed, Scheduler scheduler) {
        return new DestinationServer(resolver, profiles, changed, scheduler);
    }

    @Override
    public ServerServiceDefinition bindService() {
        return ServerServiceDefinition.builder(DestinationGrpc.getServiceDescriptor())
                .addMethod(
                        DestinationGrpc.getGetMethod(),
                        new StreamHandler<GetDestination, Update>(this::updates, DestinationServer::status))
                .addMethod(
                        DestinationGrpc.getGetProfileMethod(),
                        new StreamHandler<GetDestination, DestinationProfile>(
                                this::profiles, DestinationServer::status))
                .build();
    }

    private Flux<Update> updates(GetDestination question) {
        String name = name(question);
        ToldSet told = new ToldSet(name);
        return inTime(resolver.resolve(name)).concatMapIterable(told::messages, 1);
    }

    private Flux<DestinationProfile> profiles(GetDestination question) {
        return inTime(profiles.profiles(name(question))).onBackpressureLatest().map(WireProfiles::encode);
    }

    private <T> Flux<T> inTime(Flux<T> states) {
        return states.timeout(Mono.delay(patience, timer), state -> Mono.never());
    }

    private static String name(GetDestination question) {
        String name = question.getPath();
        if (name.isEmpty() || !RequestSyntax.isAuthority(name)) {
            throw new IllegalArgumentException("path: '" + name + "' (expected: host:port)");
        }
        return name;
    }

    /** What is final for a client has to be certain. Details of anything else are nobody's business. */
    private static Status status(Throwable error) {
        if (error instanceof IllegalArgumentException || error instanceof NameRefusedException) {
            return Status.INVALID_ARGUMENT.withDescription(error.getMessage());
        } else if (error instanceof TimeoutException) {
            return Status.UNAVAILABLE.withDescription("source: silent (expected: the state of the name)");
        }
        LOG.warn("stream of a client ends: its source has failed", error);
        return Status.UNAVAILABLE.withDescription("source: failed (expected: updates without end)");
    }
}
