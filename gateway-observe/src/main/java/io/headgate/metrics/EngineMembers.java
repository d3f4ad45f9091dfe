package io.headgate.metrics;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.Tags;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The meters of a set whose members come and go. Whoever reads a meter brings the set up to date, when that was not done a moment
 * ago: nothing runs while nobody reads, and who has left is gone with the first scrape after it.
 */
final class EngineMembers<S> {

    /** The tag value of all for whom there is no room. */
    static final String OTHER = "(other)";

    /**
     * What is shown of a set.
     *
     * @param whole of the set as such; at least one, which is there even when nobody else is
     * @param each of each member
     * @param keyOf tells members apart; those for which it is the same are one member
     * @param tagsOf the tags of a member
     * @param others the tags of all for whom there is no room
     */
    record Plan<S>(
            EngineTable<List<S>> whole,
            EngineTable<S> each,
            Function<? super S, String> keyOf,
            Function<? super S, Tags> tagsOf,
            Tags others) {

        /** Of members with one tag, whose value tells them apart. */
        Plan(EngineTable<List<S>> whole, EngineTable<S> each, String tag, Function<? super S, String> keyOf) {
            this(whole, each, keyOf, one -> Tags.of(tag, keyOf.apply(one)), Tags.of(tag, OTHER));
        }
    }

    /** The meters of one member. */
    private final class Member {

        private final List<Meter> own = new ArrayList<>();
        private volatile List<S> now;

        Member(String key, List<S> first) {
            now = first;
            Tags tags = key.equals(OTHER) ? plan.others() : plan.tagsOf().apply(first.get(0));
            for (EngineFigure<S> figure : plan.each().figures()) {
                own.add(meters.add(figure, tags, () -> value(figure)));
            }
        }

        private double value(EngineFigure<S> figure) {
            recent.get();
            List<S> same = now;
            double value = figure.value().applyAsDouble(same.get(0));
            for (int i = 1; i < same.size(); i++) {
                value = figure.fold().applyAsDouble(value, figure.value().applyAsDouble(same.get(i)));
            }
            return value;
        }

        void leave() {
            own.forEach(meters::remove);
        }
    }

    private final EngineMeters meters;
    private final Plan<S> plan;
    private final int most;
    private final Recent<List<S>> recent;

    // Changed by one thread at a time, as Recent sees to it.
    private final Map<String, Member> members = new HashMap<>();
    private @Nullable Member other;

    private EngineMembers(EngineMeters meters, Plan<S> plan, Supplier<List<S>> source, int most, LongSupplier clock) {
        this.meters = meters;
        this.plan = plan;
        this.most = most;
        this.recent = new Recent<>(source, clock, this::follow);
    }

    /** Makes meters of the members that are there, and of those that come. */
    static <S> void bind(EngineMeters meters, Plan<S> plan, Supplier<List<S>> source, int most, LongSupplier clock) {
        EngineMembers<S> bound = new EngineMembers<>(meters, plan, source, most, clock);
        bound.recent.begin();
        plan.whole()
                .figures()
                .forEach(figure ->
                        meters.add(figure, Tags.empty(), () -> figure.value().applyAsDouble(bound.recent.get())));
    }

    private void follow(List<S> all) {
        if (meters.isDisposed()) {
            return;
        }
        Map<String, List<S>> told = new LinkedHashMap<>();
        for (S one : all) {
            told.computeIfAbsent(plan.keyOf().apply(one), key -> new ArrayList<>(1))
                    .add(one);
        }
        List<S> others = Objects.requireNonNullElseGet(told.remove(OTHER), ArrayList::new);
        members.entrySet().removeIf(entry -> {
            boolean left = !told.containsKey(entry.getKey());
            if (left) {
                entry.getValue().leave();
            }
            return left;
        });
        told.forEach((key, same) -> {
            Member known = members.get(key);
            if (known != null) {
                known.now = same;
            } else if (members.size() < most) {
                members.put(key, new Member(key, same));
            } else {
                others.addAll(same);
            }
        });
        followOthers(others);
    }

    private void followOthers(List<S> others) {
        if (other == null) {
            other = others.isEmpty() ? null : new Member(OTHER, others);
        } else if (others.isEmpty()) {
            other.leave();
            other = null;
        } else {
            other.now = others;
        }
    }
}
