package io.headgate.breaker;

import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.breaker.EjectionGroup.Member;
import io.headgate.http.CallWatch;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/**
 * Keeps a balancer away from those endpoints of a set that do worse than the others, for a while. One object for the endpoints of one
 * balancer, with a stage for each:
 *
 * <pre>{@code
 * Ejection ejection = Ejection.create();
 * stack.pushFor(Role.of("ejection"), "above the breaker, whose refusals say nothing", ejection::stageFor);
 * }</pre>
 *
 * <p>An endpoint is ejected after failures in a row at once, or when the set is compared: for a share of successes far below the mean,
 * as the <a href="https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/outlier">outlier detection</a> of Envoy does
 * it, or for replies that are late. Only a share of the endpoints is ejected at a time, and none that the others could not do
 * without: when all fail, it is not the endpoints that are odd. Each ejection is longer than the one before; intervals that go
 * well make the next one shorter again.
 *
 * <p>Ejected means that {@link Service#status} is BUSY until the time is over. Calls are not refused: what a balancer sends
 * nevertheless, for want of others, is worth a try. Calls are judged as {@link CircuitBreaker} does it; refusals for load count as
 * failures in the share alone.
 *
 * <p>An endpoint belongs to the set from the time when its service is made until it is closed.
 *
 * <p><b>Threading.</b> Any. A call costs two atomic additions and takes no lock. There are no timers: the call that ends first when
 * an interval is over compares the set, in a time that grows with it.
 */
public final class Ejection {

    private final EjectionSettings settings;
    private final EjectionListener listener;
    private final LongSupplier clock;
    private final EjectionGroup group;

    private Ejection(EjectionSettings settings, EjectionListener listener, LongSupplier clock) {
        this.settings = settings;
        this.listener = listener;
        this.clock = clock;
        this.group = new EjectionGroup(settings, listener, clock);
    }

    /**
     * An ejection with {@linkplain EjectionSettings#DEFAULTS default settings}.
     *
     * @return the ejection of one set
     */
    public static Ejection create() {
        return of(EjectionSettings.DEFAULTS);
    }

    /**
     * An ejection.
     *
     * @param settings when an endpoint is ejected, and for how long
     * @return the ejection of one set
     */
    public static Ejection of(EjectionSettings settings) {
        return new Ejection(Objects.requireNonNull(settings, "settings"), EjectionListener.NONE, System::nanoTime);
    }

    /**
     * A copy whose ejections are told; it is for another set.
     *
     * @param changed is told
     * @return the copy
     */
    public Ejection withListener(EjectionListener changed) {
        return new Ejection(settings, Objects.requireNonNull(changed, "listener"), clock);
    }

    /**
     * A copy that lives by another clock; it is for another set.
     *
     * @param changed nanoseconds that only grow, as {@link System#nanoTime}
     * @return the copy
     */
    public Ejection withClock(LongSupplier changed) {
        return new Ejection(settings, listener, Objects.requireNonNull(changed, "clock"));
    }

    /**
     * The stage of one endpoint. Each service that it wraps is an endpoint of the set.
     *
     * @param endpoint for the listener
     * @return the stage
     */
    public Stage<HttpExchange, HttpReply> stageFor(Object endpoint) {
        Objects.requireNonNull(endpoint, "endpoint");
        return next -> new Ejectable(next, group.join(endpoint, () -> next.status() == Service.Status.OPEN));
    }

    /**
     * How the set is and what was done.
     *
     * @return a snapshot
     */
    public EjectionStats stats() {
        return group.stats();
    }

    /**
     * Who is ejected now.
     *
     * @return a snapshot, in no order
     */
    public List<EjectedEndpoint> ejected() {
        return group.ejected();
    }

    private final class Ejectable extends Layer<HttpExchange, HttpReply> {

        private final Service<HttpExchange, HttpReply> next;
        private final Member member;
        private final long timeoutFloor = settings.timeoutFloor().toNanos();

        Ejectable(Service<HttpExchange, HttpReply> next, Member member) {
            super("ejection", next);
            this.next = next;
            this.member = member;
        }

        @Override
        public Mono<HttpReply> call(HttpExchange exchange) {
            Mono<HttpReply> call = next.call(exchange);
            return new Mono<>() {
                @Override
                public void subscribe(CoreSubscriber<? super HttpReply> actual) {
                    CallWatch.watch(call, new Judge(exchange, timeoutFloor, member))
                            .subscribe(actual);
                }
            };
        }

        @Override
        public Status status() {
            Status below = next.status();
            return below == Status.CLOSED || !member.isEjected() ? below : Status.BUSY;
        }

        @Override
        public Mono<Void> closeAsync(Duration grace) {
            return next.closeAsync(grace).doOnSubscribe(subscribed -> group.leave(member));
        }
    }

    private static final class Judge extends EndWatch {

        private final Member member;
        private final long start;

        Judge(HttpExchange exchange, long timeoutFloor, Member member) {
            super(exchange, timeoutFloor);
            this.member = member;
            this.start = member.start();
        }

        @Override
        void replied() {
            member.replied(start);
        }

        @Override
        void ended(Verdict verdict, @Nullable Throwable cause) {
            member.ended(verdict);
        }
    }
}
