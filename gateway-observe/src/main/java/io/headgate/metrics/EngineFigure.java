package io.headgate.metrics;

import io.micrometer.core.instrument.Tags;
import java.util.function.DoubleBinaryOperator;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * One meter: how it is called, and what it reads.
 *
 * @param counts whether it only goes up
 * @param unit the base unit, or null for a figure without one
 * @param tags those that tell it from others of its name, beside what it is bound with
 * @param fold makes one figure of those of several members
 * @param <S> what it reads
 */
record EngineFigure<S>(
        boolean counts,
        String name,
        @Nullable String unit,
        Tags tags,
        String meaning,
        ToDoubleFunction<? super S> value,
        DoubleBinaryOperator fold) {}
