package io.headgate.tracing;

import io.headgate.Key;
import io.headgate.Stage;
import io.headgate.forward.Networks;
import io.headgate.http.ExchangeObserver;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.ObservationRegistry;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tracing of a gateway: a server {@link Observation} for each exchange of a client, and below it a client one for each attempt
 * at an upstream. What becomes of them is up to the handlers of the registry; with those of Micrometer Tracing they are spans,
 * and the trace context is read from the request of the client and written into those to upstreams.
 *
 * <pre>{@code
 * Tracing tracing = Tracing.of(registry).withShare(0.01);
 * Gateway gateway = Gateway.create(GatewaySpec.DEFAULTS.withObservers(tracing.observers()));
 * Service<HttpExchange, HttpReply> service = tracing.context()
 *         .wrap(retry.wrap(tracing.attempts().wrap(gateway.upstream("http://127.0.0.1:9000"))));
 * }</pre>
 *
 * <p><b>What is traced.</b> Every exchange, unless a {@linkplain #withShare share} is set: then the decision is made from the
 * head of the request before any observation is made, and an exchange that is not traced costs a look at its fields. Its trace
 * context passes to the upstream as it came.
 *
 * <p><b>Whom to believe.</b> As W3C has it the trace context of every client is continued. A gateway that is open to strangers
 * names those whose context counts: {@link #withTrusted}.
 *
 * <p><b>Threading.</b> Observations are started and stopped on event loops, without thread-locals and scopes, so handlers must
 * not block: export spans in batches, on threads of the exporter. A handler that throws is logged and hurts no exchange.
 * Immutable; each {@code with} method returns a copy.
 */
public final class Tracing {

    /** The server observation of an exchange: noted for stages below, see {@link io.headgate.http.ExchangeNotes}. */
    public static final Key<Observation> KEY = Key.of("observation");

    private static final DoubleSupplier CHANCE =
            () -> ThreadLocalRandom.current().nextDouble();

    private final ObservationRegistry registry;
    private final Sampler sampler;
    private final @Nullable ObservationConvention<ExchangeContext> exchanges;
    private final @Nullable ObservationConvention<AttemptContext> attempts;

    private Tracing(
            ObservationRegistry registry,
            Sampler sampler,
            @Nullable ObservationConvention<ExchangeContext> exchanges,
            @Nullable ObservationConvention<AttemptContext> attempts) {
        this.registry = registry;
        this.sampler = sampler;
        this.exchanges = exchanges;
        this.attempts = attempts;
    }

    /**
     * Traces all exchanges and continues what all clients have begun, by W3C trace context.
     *
     * @param registry makes the observations; as long as it has no handlers nothing is traced
     * @return the tracing
     */
    public static Tracing of(ObservationRegistry registry) {
        return new Tracing(
                Objects.requireNonNull(registry, "registry"),
                new Sampler(1, List.of(TraceFormat.W3C), null, CHANCE),
                null,
                null);
    }

    /**
     * A copy that traces a share of the exchanges, besides those whose clients ask for it: a client that is believed and says
     * in its trace context whether its trace is sampled is followed, either way. The others are picked by chance.
     *
     * <p>The tracer may take a share of its own of what is picked, so let it take all whose parent is sampled or absent.
     *
     * @param changed 0 for those alone whose clients ask for it, to 1 for all, with which the tracer alone decides; 1 unless set
     * @return the copy
     */
    public Tracing withShare(double changed) {
        if (!(changed >= 0 && changed <= 1)) {
            throw new IllegalArgumentException("share: " + changed + " (expected: 0..1)");
        }
        return with(new Sampler(changed, sampler.formats(), sampler.trusted(), sampler.dice()));
    }

    /**
     * A copy that believes the trace context of some peers alone. What others send is neither continued nor heeded when the
     * share is taken: an exchange of theirs that is traced begins a new trace, which replaces theirs on the way to the
     * upstream. Where it is not traced their context passes as it came; take the fields off with
     * {@link io.headgate.rewrite.FieldEdits} where upstreams must not see it.
     *
     * @param peers the networks of those who are believed, by the address of the connection; everybody unless set
     * @return the copy
     */
    public Tracing withTrusted(Networks peers) {
        Objects.requireNonNull(peers, "peers");
        return with(new Sampler(sampler.share(), sampler.formats(), peers, sampler.dice()));
    }

    /**
     * A copy that heeds other forms of trace context when it takes its {@linkplain #withShare share}. What is continued and
     * written is up to the propagator of the tracer, which should be set to the same.
     *
     * @param changed the forms, at least one; the first that says something counts. {@link TraceFormat#W3C} unless set
     * @return the copy
     */
    public Tracing withFormats(TraceFormat... changed) {
        if (changed.length == 0) {
            throw new IllegalArgumentException("formats: none (expected: at least one)");
        }
        return with(new Sampler(sampler.share(), List.of(changed), sampler.trusted(), sampler.dice()));
    }

    /**
     * A copy whose spans of exchanges are named and described otherwise.
     *
     * @param changed asked when an exchange begins and when it is over; {@link ExchangeConvention}, or a
     *     {@code GlobalObservationConvention} of the registry, unless set
     * @return the copy
     */
    public Tracing withExchangeConvention(ObservationConvention<ExchangeContext> changed) {
        return new Tracing(registry, sampler, Objects.requireNonNull(changed, "changed"), attempts);
    }

    /**
     * A copy whose spans of attempts are named and described otherwise.
     *
     * @param changed asked when an attempt begins and when it is over; {@link AttemptConvention}, or a
     *     {@code GlobalObservationConvention} of the registry, unless set
     * @return the copy
     */
    public Tracing withAttemptConvention(ObservationConvention<AttemptContext> changed) {
        return new Tracing(registry, sampler, exchanges, Objects.requireNonNull(changed, "changed"));
    }

    private Tracing with(Sampler changed) {
        return new Tracing(registry, changed, exchanges, attempts);
    }

    /** For tests: decides instead of chance; what is below the share is picked. */
    Tracing withDice(DoubleSupplier changed) {
        return with(new Sampler(sampler.share(), sampler.formats(), sampler.trusted(), changed));
    }

    /**
     * Observes the exchanges of clients: begins a server observation with the head of the request and ends it with the one
     * outcome of the exchange, as an error when that is a failure by the classifier of its route. Stages below find it in the
     * notes at {@link #KEY}.
     *
     * @return for {@code GatewaySpec.withObservers}; {@link io.headgate.http.ExchangeObserver.Factory#NONE} for
     *     {@code ObservationRegistry.NOOP}
     */
    public ExchangeObserver.Factory observers() {
        return isOff() ? ExchangeObserver.Factory.NONE : new ExchangeSpans(registry, sampler, exchanges);
    }

    /**
     * A stage that observes each call as an attempt: begins a client observation when the call is subscribed, writes its trace
     * context into the head of the request in place of the one that came, and ends it when the reply has passed to its last
     * byte, or with the failure or the cancellation before that. The endpoint is the last one that the mux has
     * {@linkplain Endpoint#KEY noted}.
     *
     * <p>The parent is the observation in the Reactor context, if there is one, else the server observation of the exchange.
     * Where there is neither the call passes as the very same, and so does the trace context. Below the stage its own
     * observation is in the Reactor context.
     *
     * <p>Put it below retries, so that each attempt has its span.
     *
     * @return the stage; identity for {@code ObservationRegistry.NOOP}
     */
    public Stage<HttpExchange, HttpReply> attempts() {
        return attempts(null);
    }

    /**
     * The same for a stack of one endpoint.
     *
     * @param endpoint where the attempts go, or null to take the one that is noted
     * @return the stage; identity for {@code ObservationRegistry.NOOP}
     */
    public Stage<HttpExchange, HttpReply> attempts(@Nullable Endpoint endpoint) {
        return isOff() ? Stage.identity() : new AttemptStage(new AttemptSpans(registry, attempts, endpoint));
    }

    /**
     * A stage that makes the server observation known to what is called below it: it is written into the Reactor context under
     * the key of Micrometer, {@code ObservationThreadLocalAccessor.KEY}, where instrumented clients and
     * {@code Mono.deferContextual} find it. An exchange that is not traced passes as the very same.
     *
     * <p>Put it at the top, once. It is of no use where nothing but stages and upstreams of Headgate is below.
     *
     * @return the stage; identity for {@code ObservationRegistry.NOOP}
     */
    public Stage<HttpExchange, HttpReply> context() {
        return isOff() ? Stage.identity() : ContextStage.INSTANCE;
    }

    private boolean isOff() {
        return registry == ObservationRegistry.NOOP;
    }

    @Override
    public String toString() {
        return "tracing of " + sampler;
    }
}
