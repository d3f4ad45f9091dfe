package io.headgate.mirror;

import io.headgate.Deadline;
import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

/**
 * Sends a copy of some requests to a second service and drops what it answers. Nothing of that reaches the exchange itself:
 * not a failure, not a delay, not a byte.
 *
 * <p>The body of a mirrored request is shown to the mirror as its reader on the main path takes it, without a copy. A mirror
 * that falls behind by more than {@linkplain #withBody some bytes} is cut and counted; the main path goes on. When the
 * client goes away in its body, the mirrored exchange ends as well; what has been sent whole is answered, and dropped.
 *
 * <p>The mirrored exchange has the head, the attributes and the event loop of the main one, but a deadline of its own, no
 * {@code expect} field, and nobody to hear of interim replies. To mark it, wrap the mirror:
 * {@code FieldEdits.create().set("x-mirror", "1").onRequests().wrap(upstream)}.
 *
 * <p>Tunnels (WebSocket, CONNECT) are not mirrored. Put it above retries, or each attempt is mirrored. A request that is not picked, and one without a body, passes as the
 * very same object. Immutable but for its counters; each {@code with} method returns a copy that counts for itself.
 *
 * <p><b>Threading.</b> Any. Mirrored exchanges run where the exchange runs; their timers on Reactor's parallel scheduler.
 */
public final class Mirror implements Stage<HttpExchange, HttpReply> {

    /** Methods whose requests are mirrored unless set otherwise: those that change nothing. */
    public static final Set<String> DEFAULT_METHODS = Set.of("GET", "HEAD");

    /** How many bytes of a body a mirror may be behind: 64 KiB, as for bodies that are kept for a retry. */
    public static final int DEFAULT_BODY_BYTES = 64 * 1024;

    /** How many mirrored exchanges may be under way: with the bytes above no more than 8 MiB. */
    public static final int DEFAULT_CONCURRENCY = 128;

    /** How long a mirrored exchange may take. */
    public static final Duration DEFAULT_LIMIT = Duration.ofSeconds(15);

    private final Service<HttpExchange, HttpReply> mirror;
    private final Plan plan;
    private final Tally tally;
    private final DoubleSupplier dice;

    /** What is mirrored, and within which bounds. */
    private record Plan(double share, Set<String> methods, int bodyBytes, int concurrency, Duration limit) {}

    private Mirror(Service<HttpExchange, HttpReply> mirror, Plan plan, DoubleSupplier dice) {
        this.mirror = mirror;
        this.plan = plan;
        this.dice = dice;
        this.tally = new Tally(plan.concurrency);
    }

    /**
     * Mirrors all requests of the {@linkplain #DEFAULT_METHODS default methods}.
     *
     * @param mirror gets the copies; stays the caller's to close
     * @return the stage
     */
    public static Mirror to(Service<HttpExchange, HttpReply> mirror) {
        Plan plan = new Plan(1, DEFAULT_METHODS, DEFAULT_BODY_BYTES, DEFAULT_CONCURRENCY, DEFAULT_LIMIT);
        return new Mirror(
                Objects.requireNonNull(mirror, "mirror"),
                plan,
                () -> ThreadLocalRandom.current().nextDouble());
    }

    /**
     * A copy that mirrors some of the requests, picked by chance.
     *
     * @param changed 0 for none, in which case the stage is not there at all, to 1 for all
     * @return the copy
     */
    public Mirror withShare(double changed) {
        if (!(changed >= 0 && changed <= 1)) {
            throw new IllegalArgumentException("share: " + changed + " (expected: 0..1)");
        }
        return with(new Plan(changed, plan.methods, plan.bodyBytes, plan.concurrency, plan.limit));
    }

    /**
     * A copy that mirrors other methods. Those that change something do so at the mirror as well.
     *
     * @param changed the methods, in upper case
     * @return the copy
     */
    public Mirror withMethods(String... changed) {
        return with(new Plan(plan.share, Set.of(changed), plan.bodyBytes, plan.concurrency, plan.limit));
    }

    /**
     * A copy with another bound for bodies.
     *
     * @param bytes how many bytes the mirror may be behind; a chunk counts for 256 at least
     * @return the copy
     */
    public Mirror withBody(int bytes) {
        atLeastOne("body", bytes);
        return with(new Plan(plan.share, plan.methods, bytes, plan.concurrency, plan.limit));
    }

    /**
     * A copy with another bound for mirrored exchanges; requests beyond it are not mirrored, and counted.
     *
     * @param count most that are under way
     * @return the copy
     */
    public Mirror withConcurrency(int count) {
        atLeastOne("concurrency", count);
        return with(new Plan(plan.share, plan.methods, plan.bodyBytes, count, plan.limit));
    }

    /**
     * A copy with another time limit.
     *
     * @param changed how long a mirrored exchange may take to the end of its reply
     * @return the copy
     */
    public Mirror withLimit(Duration changed) {
        if (changed.isNegative() || changed.isZero()) {
            throw new IllegalArgumentException("limit: " + changed + " (expected: more than nothing)");
        }
        return with(new Plan(plan.share, plan.methods, plan.bodyBytes, plan.concurrency, changed));
    }

    private static void atLeastOne(String name, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(name + ": " + value + " (expected: at least 1)");
        }
    }

    private Mirror with(Plan changed) {
        return new Mirror(mirror, changed, dice);
    }

    /** For tests: decides instead of chance; what is below the share is picked. */
    Mirror withDice(DoubleSupplier changed) {
        return new Mirror(mirror, plan, changed);
    }

    /**
     * What became of the mirrored requests of this stage.
     *
     * @return a snapshot
     */
    public MirrorStats stats() {
        return tally.stats();
    }

    @Override
    public Service<HttpExchange, HttpReply> wrap(Service<HttpExchange, HttpReply> next) {
        if (plan.share == 0 || plan.methods.isEmpty()) {
            return next;
        }
        return new Layer<>("mirror", next) {
            @Override
            public Mono<HttpReply> call(HttpExchange exchange) {
                return isPicked(exchange) ? new Mirrored(exchange, next) : next.call(exchange);
            }
        };
    }

    private boolean isPicked(HttpExchange exchange) {
        return plan.methods.contains(exchange.head().method())
                && !exchange.head().wantsTunnel()
                && (plan.share == 1 || dice.getAsDouble() < plan.share);
    }

    private void start(HttpExchange exchange, Body body) {
        RequestHead head = exchange.head();
        Fields fields = head.fields().without("expect");
        HttpExchange copy = new HttpExchange(
                head.withFields(fields),
                body,
                exchange.connection(),
                Deadline.after(plan.limit),
                exchange.attributes(),
                interim -> {});
        MirrorCall.start(mirror, copy, body instanceof MirrorBody tee ? tee : null, tally, plan.limit);
    }

    private final class Mirrored extends Mono<HttpReply> {

        private final HttpExchange exchange;
        private final Service<HttpExchange, HttpReply> next;

        Mirrored(HttpExchange exchange, Service<HttpExchange, HttpReply> next) {
            this.exchange = exchange;
            this.next = next;
        }

        @Override
        public void subscribe(CoreSubscriber<? super HttpReply> actual) {
            if (!tally.begin()) {
                next.call(exchange).subscribe(actual);
            } else if (exchange.body().isEmpty()) {
                next.call(exchange).subscribe(actual);
                start(exchange, Body.empty());
            } else {
                TeeBody tee = TeeBody.of(exchange.body(), plan.bodyBytes);
                start(exchange, tee.mirror()); // first, so that it can take what the main path finds waiting
                next.call(exchange.withBody(tee)).subscribe(actual);
            }
        }
    }
}
