package io.headgate.metrics;

import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleBinaryOperator;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** The meters of one kind of figures, in order. Immutable; each method returns a longer copy. */
final class EngineTable<S> {

    private static final String PREFIX = "gateway.";

    private final String prefix;
    private final List<EngineFigure<S>> figures;

    private EngineTable(String prefix, List<EngineFigure<S>> figures) {
        this.prefix = prefix;
        this.figures = figures;
    }

    static <S> EngineTable<S> of() {
        return of(PREFIX);
    }

    /** Of figures whose names begin otherwise. */
    static <S> EngineTable<S> of(String prefix) {
        return new EngineTable<>(prefix, List.of());
    }

    List<EngineFigure<S>> figures() {
        return figures;
    }

    EngineTable<S> gauge(
            String name, @Nullable String unit, Tags tags, String meaning, ToDoubleFunction<? super S> value) {
        return with(new EngineFigure<>(false, prefix + name, unit, tags, meaning, value, Double::sum));
    }

    /** The same for what makes no sense as a sum over members. */
    EngineTable<S> gauge(
            String name,
            @Nullable String unit,
            String meaning,
            ToDoubleFunction<? super S> value,
            DoubleBinaryOperator fold) {
        return with(new EngineFigure<>(false, prefix + name, unit, Tags.empty(), meaning, value, fold));
    }

    EngineTable<S> gauge(String name, @Nullable String unit, String meaning, ToDoubleFunction<? super S> value) {
        return gauge(name, unit, Tags.empty(), meaning, value);
    }

    EngineTable<S> counter(
            String name, @Nullable String unit, Tags tags, String meaning, ToDoubleFunction<? super S> value) {
        return with(new EngineFigure<>(true, prefix + name, unit, tags, meaning, value, Double::sum));
    }

    EngineTable<S> counter(String name, @Nullable String unit, String meaning, ToDoubleFunction<? super S> value) {
        return counter(name, unit, Tags.empty(), meaning, value);
    }

    /** A state as a figure. */
    static double flag(boolean is) {
        return is ? 1 : 0;
    }

    private EngineTable<S> with(EngineFigure<S> figure) {
        List<EngineFigure<S>> longer = new ArrayList<>(figures);
        longer.add(figure);
        return new EngineTable<>(prefix, List.copyOf(longer));
    }
}
