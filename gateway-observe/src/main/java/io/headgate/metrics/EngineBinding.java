package io.headgate.metrics;

import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import reactor.core.Disposable;

/** Binds what belongs together; when one part cannot be read, nothing stays bound. */
final class EngineBinding {

    private final EngineMeters meters;
    private final int most;
    private final LongSupplier clock;

    EngineBinding(EngineMeters meters, int most, LongSupplier clock) {
        this.meters = meters;
        this.most = most;
        this.clock = clock;
    }

    /** Figures that are read from one snapshot. */
    <S> EngineBinding figures(EngineTable<S> table, Supplier<? extends S> source) {
        return part(() -> {
            Recent<S> recent = new Recent<>(source, clock, renewed -> {});
            recent.begin();
            table.figures()
                    .forEach(figure -> meters.add(
                            figure, Tags.empty(), () -> figure.value().applyAsDouble(recent.get())));
        });
    }

    /** Figures of a set. */
    <S> EngineBinding members(EngineMembers.Plan<S> plan, Supplier<List<S>> source) {
        return part(() -> EngineMembers.bind(meters, plan, source, most, clock));
    }

    private EngineBinding part(Runnable binding) {
        try {
            binding.run();
            return this;
        } catch (RuntimeException e) {
            meters.dispose();
            throw e;
        }
    }

    Disposable done() {
        return meters;
    }
}
