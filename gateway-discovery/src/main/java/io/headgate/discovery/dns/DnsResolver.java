package io.headgate.discovery.dns;

import io.headgate.discovery.internal.Polling;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Resolver;
import io.headgate.resolve.SourceObserver;
import io.headgate.resolve.Update;
import io.headgate.resolve.Update.Absent;
import io.headgate.resolve.Update.Reset;
import io.netty.channel.EventLoop;
import io.netty.resolver.ResolvedAddressTypes;
import io.netty.resolver.dns.DnsNameResolver;
import io.netty.resolver.dns.DnsNameResolverBuilder;
import io.netty.resolver.dns.DnsNameResolverChannelStrategy;
import io.netty.util.NetUtil;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Endpoints from the domain name system, without blocking. Its streams are <i>state streams</i>, which fail only for names that are not
 * of these two kinds:
 *
 * <ul>
 *   <li>{@code orders.example:8080}: the addresses of a host, at that port. Where there are addresses of the preferred kind, the
 *       other kind is left out.
 *   <li>{@code _http._tcp.orders.example}: the addresses of all targets of a service (SRV). Those of the best priority get what their
 *       weight says, 100 being the {@linkplain Endpoint#NORMAL_WEIGHT normal} weight; the others weight zero, so that they are the last
 *       resort. All have the label {@code dns.priority}.
 * </ul>
 *
 * Names are complete: neither search domains nor the file of hosts count. A name that does not exist is absent; one without
 * addresses is an empty set.
 *
 * <p>Each subscription asks again when the answer has expired, within {@linkplain #withTtl bounds}; {@link Resolver#shared} makes
 * one of many. After a failure it asks again in {@link #RETRY}, more or less, and the last good answer stays in force. An answer
 * that there is nothing is kept for as long as the SOA record says, or for {@link #RETRY}.
 *
 * <p><b>Threading.</b> Immutable. All work is done on the event loop.
 *
 * <p><b>Cancellation.</b> Asks no more. Each question has a socket, with a port of its own, that is closed after the answer; between
 * questions nothing is open.
 */
public final class DnsResolver implements Resolver {

    /** After a failure, and where nobody says how long there will be no such name. */
    public static final Duration RETRY = Duration.ofSeconds(5);

    /** An answer that may not be kept at all is kept for so long. */
    public static final Duration MIN_TTL = Duration.ofSeconds(1);

    /** Nobody wants to wait for days until a change is seen. */
    public static final Duration MAX_TTL = Duration.ofMinutes(5);

    private static final double JITTER = 0.2;

    /** What has been learnt, and when to ask again. */
    private record Step(
            @Nullable Update<Endpoint> update, @Nullable Throwable failure, Duration pause) {}

    private final EventLoop loop;
    private final DnsNameResolver resolver;
    private final ResolvedAddressTypes types;
    private final Duration minTtl;
    private final Duration maxTtl;
    private final Scheduler timer;
    private final SourceObserver observer;
    private final Lookups lookups;
    private final Scheduler onLoop;

    private DnsResolver(
            EventLoop loop,
            DnsNameResolver resolver,
            ResolvedAddressTypes types,
            Duration minTtl,
            Duration maxTtl,
            Scheduler timer,
            SourceObserver observer) {
        if (minTtl.isNegative() || minTtl.isZero() || maxTtl.compareTo(minTtl) < 0) {
            throw new IllegalArgumentException(
                    "ttl: " + minTtl + " to " + maxTtl + " (expected: above zero, not falling)");
        }
        this.loop = loop;
        this.resolver = resolver;
        this.types = Objects.requireNonNull(types, "types");
        this.minTtl = minTtl;
        this.maxTtl = maxTtl;
        this.timer = Objects.requireNonNull(timer, "timer");
        this.observer = Objects.requireNonNull(observer, "observer");
        this.lookups = new Lookups(resolver, types);
        this.onLoop = Schedulers.fromExecutor(loop);
    }

    /**
     * Endpoints by the name servers of this machine, or those that the settings name. IPv4 is preferred.
     *
     * @param loop does all work
     * @param settings sets the channel types, which must fit the loop (the one for datagrams at least; without one for sockets,
     *     answers that are too long for UDP are cut), and perhaps name servers and the time limit of a question
     * @return the resolver
     */
    public static DnsResolver on(EventLoop loop, UnaryOperator<DnsNameResolverBuilder> settings) {
        DnsNameResolver resolver = settings.apply(new DnsNameResolverBuilder(loop))
                .datagramChannelStrategy(DnsNameResolverChannelStrategy.ChannelPerResolution)
                .build();
        return new DnsResolver(
                loop,
                resolver,
                ResolvedAddressTypes.IPV4_PREFERRED,
                MIN_TTL,
                MAX_TTL,
                Schedulers.fromExecutorService(loop),
                SourceObserver.NONE);
    }

    /**
     * A copy that looks for other addresses.
     *
     * @param changed which kinds
     * @return the copy
     */
    public DnsResolver withAddresses(ResolvedAddressTypes changed) {
        return new DnsResolver(loop, resolver, changed, minTtl, maxTtl, timer, observer);
    }

    /**
     * A copy that keeps answers within other bounds.
     *
     * @param least how long at least, whatever the answer says; above zero
     * @param most how long at most; not below the least
     * @return the copy
     */
    public DnsResolver withTtl(Duration least, Duration most) {
        return new DnsResolver(loop, resolver, types, least, most, timer, observer);
    }

    /**
     * A copy with timers elsewhere than on the event loop.
     *
     * @param changed runs the waits
     * @return the copy
     */
    public DnsResolver withScheduler(Scheduler changed) {
        return new DnsResolver(loop, resolver, types, minTtl, maxTtl, changed, observer);
    }

    /**
     * A copy that tells whether names could be asked for. Put {@link Resolver#shared} before it, or each subscription tells for
     * itself.
     *
     * @param changed is told
     * @return the copy
     */
    public DnsResolver withObserver(SourceObserver changed) {
        return new DnsResolver(loop, resolver, types, minTtl, maxTtl, timer, changed);
    }

    @Override
    public Flux<Update<Endpoint>> resolve(String name) {
        return Flux.defer(() -> updates(name, DnsName.of(name)));
    }

    private Flux<Update<Endpoint>> updates(String name, DnsName asked) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(asked.host());
        if (literal != null) {
            return Resolver.fixed(Endpoint.of(asked.host(), asked.port())).resolve(name);
        }
        return Polling.endless(step(asked), Step::pause, timer)
                .doOnNext(step -> observe(name, step))
                .<Update<Endpoint>>handle((step, sink) -> {
                    if (step.update != null) {
                        sink.next(step.update);
                    }
                })
                .distinctUntilChanged()
                .onBackpressureLatest() // each answer is the whole state
                .doFinally(end -> observer.left(name));
    }

    private Mono<Step> step(DnsName asked) {
        return Mono.defer(() ->
                        asked.isService() ? lookups.service(asked.host()) : lookups.host(asked.host(), asked.port()))
                .subscribeOn(onLoop)
                .map(places -> step(asked, places))
                .onErrorResume(failure -> Mono.just(new Step(null, failure, Polling.jittered(RETRY, JITTER))));
    }

    private Step step(DnsName asked, Lookups.Places places) {
        List<Endpoint> endpoints = asked.isService()
                ? ServiceWeights.endpoints(places.places())
                : places.places().stream()
                        .map(place -> Endpoint.of(new InetSocketAddress(place.address(), asked.port())))
                        .toList();
        return new Step(places.known() ? new Reset<>(endpoints) : new Absent<>(), null, wait(places));
    }

    private Duration wait(Lookups.Places places) {
        Duration ttl =
                places.ttl().isPresent() ? Duration.ofSeconds(places.ttl().getAsLong()) : RETRY;
        return ttl.compareTo(minTtl) < 0 ? minTtl : ttl.compareTo(maxTtl) > 0 ? maxTtl : ttl;
    }

    private void observe(String name, Step step) {
        if (step.failure == null) {
            observer.current(name);
        } else {
            observer.away(name, step.failure);
        }
    }

    @Override
    public String toString() {
        return "endpoints by DNS";
    }
}
