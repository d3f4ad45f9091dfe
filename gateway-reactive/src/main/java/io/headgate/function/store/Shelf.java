package io.headgate.function.store;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Values of one kind by key. Each is read once for all who ask meanwhile. What is kept is the reading itself, from its beginning: so a
 * value that was read before {@link #drop} has no way back, its age counts from when it began to be read, and nobody waits for ever
 * for a reading that hangs. Failures are not kept.
 */
final class Shelf<V> {

    private final Cache<String, Load<V>> loads;
    private final Function<String, Mono<V>> source;
    private final ToIntFunction<V> weight;

    Shelf(CatalogSettings settings, LongSupplier nanoTime, ToIntFunction<V> weight, Function<String, Mono<V>> source) {
        this.source = source;
        this.weight = weight;
        this.loads = Caffeine.newBuilder()
                .expireAfter(new FromBeginning<V>(settings.age().toNanos()))
                .maximumWeight(settings.capacity())
                .weigher((String key, Load<V> load) -> weigh(load))
                .ticker(nanoTime::getAsLong)
                .executor(Runnable::run) // upkeep is short and needs no thread of its own
                .build();
    }

    private int weigh(Load<V> load) {
        V value = load.value();
        return value == null ? 1 : weight.applyAsInt(value);
    }

    /** The value when it is here. */
    @Nullable V ready(String key) {
        Load<V> load = loads.getIfPresent(key);
        return load == null ? null : load.value();
    }

    Mono<V> get(String key) {
        return Mono.defer(() -> load(key).whenDone());
    }

    private Load<V> load(String key) {
        Load<V> present = loads.getIfPresent(key);
        if (present != null) {
            return present;
        }
        Load<V> load = new Load<>();
        Load<V> earlier = loads.asMap().putIfAbsent(key, load);
        if (earlier != null) {
            return earlier;
        }
        Mono.defer(() -> source.apply(key))
                .subscribe(
                        value -> succeed(key, load, value),
                        failure -> fail(key, load, failure),
                        () -> empty(key, load));
        return load;
    }

    private void succeed(String key, Load<V> load, V value) {
        load.succeed(value);
        if (weight.applyAsInt(value) != 1) {
            loads.asMap().replace(key, load, load); // is weighed again
        }
    }

    private void fail(String key, Load<V> load, Throwable failure) {
        loads.asMap().remove(key, load);
        load.fail(failure);
    }

    private void empty(String key, Load<V> load) {
        if (load.value() == null) {
            fail(
                    key,
                    load,
                    new IllegalStateException("store: nothing for " + key + " (expected: a value or an error)"));
        }
    }

    /** Whoever asks from now on has the value read anew. */
    void drop(String key) {
        loads.invalidate(key);
    }

    /** As {@link #drop(String)} for all values that match, and for all that are being read and might. */
    void dropIf(Predicate<V> matches) {
        loads.asMap().values().removeIf(load -> {
            V value = load.value();
            return value == null || matches.test(value);
        });
    }

    private record FromBeginning<V>(long nanos) implements Expiry<String, Load<V>> {

        @Override
        public long expireAfterCreate(String key, Load<V> load, long now) {
            return nanos;
        }

        @Override
        public long expireAfterUpdate(String key, Load<V> load, long now, long left) {
            return left;
        }

        @Override
        public long expireAfterRead(String key, Load<V> load, long now, long left) {
            return left;
        }
    }
}
