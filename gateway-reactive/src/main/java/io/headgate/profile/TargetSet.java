package io.headgate.profile;

import io.headgate.Service;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.function.LongUnaryOperator;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The services of a split, which changes while calls go through it. A service is kept as long as its key is in the set, and is
 * closed gracefully afterwards.
 *
 * <p>A pick reads one volatile field and allocates nothing; no lock is taken for a call.
 */
final class TargetSet<I, O> {

    /** How one is picked. */
    enum Mode {
        /** By chance, those that are ready by their weights. */
        WEIGHTED,
        /** The first that is ready. */
        FIRST_READY,
        /** The first, ready or not: there is no choice, and it knows best what to do with a call that it cannot take. */
        ONLY
    }

    /** One part of the split; the parts with the same key are one. */
    record Share(Object key, long weight) {}

    private final Function<Object, Service<I, O>> factory;
    private final LongUnaryOperator dice;
    private final Duration grace;
    private volatile Plan<I, O> plan = new Plan<>(Mode.WEIGHTED, List.of(), Weights.of());
    private boolean closed; // guarded by this

    TargetSet(Function<Object, Service<I, O>> factory, LongUnaryOperator dice, Duration grace) {
        this.factory = factory;
        this.dice = dice;
        this.grace = grace;
    }

    /** Takes the place of what was in the set; when a service cannot be made, all stays as it was. */
    void update(Mode mode, List<Share> shares) {
        List<Target<I, O>> left;
        synchronized (this) {
            if (closed) {
                return;
            }
            Plan<I, O> before = plan;
            plan = plan(mode, shares, before);
            left = before.without(plan);
        }
        left.forEach(target -> close(target, grace));
    }

    private Plan<I, O> plan(Mode mode, List<Share> shares, Plan<I, O> before) {
        Map<Object, Long> weights = new LinkedHashMap<>();
        shares.forEach(share -> weights.merge(share.key, share.weight, Long::sum));
        List<Target<I, O>> targets = new ArrayList<>();
        List<Target<I, O>> made = new ArrayList<>();
        try {
            for (Object key : weights.keySet()) {
                Target<I, O> target = before.find(key);
                if (target == null) {
                    target = create(key);
                    made.add(target);
                }
                targets.add(target);
            }
        } catch (RuntimeException e) {
            made.forEach(target -> close(target, Duration.ZERO));
            throw e;
        }
        return new Plan<>(
                mode,
                targets,
                Weights.of(weights.values().stream().mapToLong(Long::longValue).toArray()));
    }

    private Target<I, O> create(Object key) {
        return new Target<>(key, Objects.requireNonNull(factory.apply(key), () -> "service of " + key));
    }

    private static void close(Target<?, ?> target, Duration grace) {
        target.retire(grace).onErrorComplete().subscribe();
    }

    boolean isEmpty() {
        return plan.targets.length == 0;
    }

    /** A call to one of them, picked at each subscription and counted when somebody wants to know. */
    Mono<O> call(I input, @Nullable LongAdder count) {
        return new SplitCall<>(this, input, count);
    }

    /** One that takes the call, entered; null when there is none. */
    @Nullable Target<I, O> pick() {
        while (true) {
            Plan<I, O> current = plan;
            int picked = current.pick(dice);
            if (picked != Weights.NONE && current.targets[picked].enter()) {
                return current.targets[picked];
            }
            if (current == plan) {
                return null;
            } // else those have left meanwhile, and others are there
        }
    }

    NoTargetException refusal() {
        return new NoTargetException(plan.targets.length);
    }

    Service.Status status() {
        Plan<I, O> current = plan;
        Service.Status best = current.targets.length == 0 ? Service.Status.CLOSED : Service.Status.BUSY;
        for (Target<I, O> target : current.targets) {
            best = target.isReady() ? Service.Status.OPEN : best;
        }
        return best;
    }

    Mono<Void> closeAsync(Duration patience) {
        return Mono.defer(() -> {
            List<Target<I, O>> left;
            synchronized (this) {
                closed = true;
                left = List.of(plan.targets);
                plan = new Plan<>(Mode.WEIGHTED, List.of(), Weights.of());
            }
            return Flux.fromIterable(left)
                    .flatMapDelayError(target -> target.retire(patience), Integer.MAX_VALUE, 1)
                    .then();
        });
    }

    String describe() {
        Plan<I, O> current = plan;
        StringBuilder text = new StringBuilder();
        for (Target<I, O> target : current.targets) {
            text.append(text.isEmpty() ? "" : ", ").append(target.key);
            text.append(current.mode == Mode.ONLY || target.isReady() ? "" : " (not ready)");
        }
        return text.toString();
    }

    /** What is in the set at a time. */
    private static final class Plan<I, O> {

        private final Mode mode;
        private final Target<I, O>[] targets;
        private final Weights weights;
        private final IntPredicate ready = this::isReady;

        @SuppressWarnings({"unchecked", "rawtypes"}) // arrays know no parameters
        Plan(Mode mode, List<Target<I, O>> targets, Weights weights) {
            this.mode = mode;
            this.targets = (Target<I, O>[]) targets.toArray(new Target[0]);
            this.weights = weights;
        }

        private boolean isReady(int index) {
            return targets[index].isReady();
        }

        int pick(LongUnaryOperator dice) {
            return switch (mode) {
                case WEIGHTED -> weights.pick(dice, ready);
                case FIRST_READY -> firstReady();
                case ONLY -> 0;
            };
        }

        private int firstReady() {
            for (int i = 0; i < targets.length; i++) {
                if (targets[i].isReady()) {
                    return i;
                }
            }
            return Weights.NONE;
        }

        @Nullable Target<I, O> find(Object key) {
            for (Target<I, O> target : targets) {
                if (target.key.equals(key)) {
                    return target;
                }
            }
            return null;
        }

        List<Target<I, O>> without(Plan<I, O> kept) {
            List<Target<I, O>> left = new ArrayList<>(List.of(targets));
            left.removeAll(List.of(kept.targets));
            return left;
        }
    }
}
