package io.headgate.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** A series that is in the registry. Recording takes no lock and allocates nothing. */
sealed interface HttpBound {

    Meter meter();

    /** Registers a series. */
    static HttpBound register(HttpSeries series, MeterRegistry registry) {
        if (series instanceof HttpSeries.Count count) {
            return new Count(Counter.builder(count.name())
                    .description(count.description())
                    .tags(count.tags())
                    .baseUnit(count.unit())
                    .register(registry));
        }
        if (series instanceof HttpSeries.Level level) {
            LongAdder value = new LongAdder();
            Gauge meter = Gauge.builder(level.name(), value, LongAdder::sum)
                    .description(level.description())
                    .tags(level.tags())
                    .register(registry);
            return new Level(meter, value);
        }
        HttpSeries.Histogram histogram = (HttpSeries.Histogram) series;
        return histogram.unit() == HttpSeries.Histogram.Unit.SECONDS
                ? new Time(timer(histogram, registry), histogram.figure())
                : new Summary(summary(histogram, registry), histogram.figure());
    }

    private static Timer timer(HttpSeries.Histogram histogram, MeterRegistry registry) {
        return Timer.builder(histogram.name())
                .description(histogram.description())
                .tags(histogram.tags())
                .serviceLevelObjectives(histogram.buckets().stream()
                        .map(seconds -> Duration.ofNanos(Math.round(seconds * 1e9)))
                        .toArray(Duration[]::new))
                .register(registry);
    }

    private static DistributionSummary summary(HttpSeries.Histogram histogram, MeterRegistry registry) {
        return DistributionSummary.builder(histogram.name())
                .description(histogram.description())
                .tags(histogram.tags())
                .baseUnit(histogram.unit() == HttpSeries.Histogram.Unit.BYTES ? "bytes" : null)
                .serviceLevelObjectives(histogram.buckets().stream()
                        .mapToDouble(Double::doubleValue)
                        .toArray())
                .register(registry);
    }

    /** Goes up. */
    record Count(Counter meter) implements HttpBound {}

    /** Goes up and down. */
    record Level(Gauge meter, LongAdder value) implements HttpBound {}

    /** What is recorded at an end. */
    sealed interface Spread extends HttpBound {

        HttpSeries.Figure figure();

        /**
         * Records a time or a size.
         *
         * @param value nanoseconds or bytes; nothing is recorded when it is negative
         */
        void record(long value);
    }

    /** Durations in the unit of the registry. */
    record Time(Timer meter, HttpSeries.Figure figure) implements Spread {

        @Override
        public void record(long nanos) {
            if (nanos >= 0) {
                meter.record(nanos, TimeUnit.NANOSECONDS);
            }
        }
    }

    /** Sizes, or durations in milliseconds. */
    record Summary(DistributionSummary meter, HttpSeries.Figure figure) implements Spread {

        private static final double NANOS_PER_MILLI = 1e6;

        @Override
        public void record(long value) {
            boolean isSize = figure == HttpSeries.Figure.REQUEST_BYTES || figure == HttpSeries.Figure.REPLY_BYTES;
            if (value >= 0) {
                meter.record(isSize ? value : value / NANOS_PER_MILLI);
            }
        }
    }
}
