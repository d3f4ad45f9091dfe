package io.headgate.tracing;

import io.headgate.classify.Classification;
import io.headgate.classify.Classifier;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.ExchangeObserver;
import io.headgate.http.ExchangeRecord;
import io.headgate.http.HttpExchange;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationConvention;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a server observation of each exchange that is picked. */
final class ExchangeSpans implements ExchangeObserver.Factory {

    private static final Logger LOG = LoggerFactory.getLogger(ExchangeSpans.class);
    private static final ExchangeConvention STANDARD = ExchangeConvention.create();

    private final ObservationRegistry registry;
    private final Sampler sampler;
    private final @Nullable ObservationConvention<ExchangeContext> convention;

    ExchangeSpans(
            ObservationRegistry registry,
            Sampler sampler,
            @Nullable ObservationConvention<ExchangeContext> convention) {
        this.registry = registry;
        this.sampler = sampler;
        this.convention = convention;
    }

    @Override
    public @Nullable ExchangeObserver observe(HttpExchange exchange) {
        if (registry.isNoop()) {
            return null;
        }
        boolean believed = sampler.trusts(exchange);
        return sampler.picks(exchange, believed) ? begin(exchange, believed) : null;
    }

    private @Nullable ExchangeObserver begin(HttpExchange exchange, boolean believed) {
        ExchangeContext context = new ExchangeContext(exchange, believed ? Carriers.READING : Carriers.BLIND);
        Observation observation;
        try {
            observation = Observation.start(convention, STANDARD, () -> context, registry);
        } catch (RuntimeException e) {
            LOG.error("exchange {}: cannot be traced", exchange, e);
            return null;
        }
        if (observation.isNoop()) {
            return null;
        }
        ExchangeNotes.note(exchange, Tracing.KEY, observation);
        return ExchangeRecord.to(record -> end(observation, context, record)).observe(exchange);
    }

    /** An observer may throw: whoever calls it sees to that. */
    private static void end(Observation observation, ExchangeContext context, ExchangeRecord record) {
        Classification verdict = Classifier.judge(record);
        context.end(record, verdict);
        try {
            if (verdict.isFailure()) {
                observation.error(
                        record.cause() == null
                                ? FailedReplyException.of(context.getResponse(), verdict)
                                : record.cause());
            }
        } finally {
            observation.stop();
        }
    }
}
