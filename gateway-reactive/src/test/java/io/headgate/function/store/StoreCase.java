package io.headgate.function.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.headgate.function.model.App;
import io.headgate.function.model.AppPatch;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnPatch;
import io.headgate.function.model.FunctionException;
import io.headgate.function.model.Page;
import io.headgate.function.model.Trigger;
import io.headgate.function.model.TriggerPatch;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** An empty store behind the validation that stands before all of them, and what its checks say often. */
abstract class StoreCase {

    static final Duration LIMIT = Duration.ofSeconds(30);
    static final Instant START = Instant.parse("2026-03-01T10:00:00.123456789Z");
    static final Instant START_MILLIS = Instant.parse("2026-03-01T10:00:00.123Z");
    static final Instant LATER = Instant.parse("2026-03-01T11:00:00.500Z");

    final SetClock clock = new SetClock();
    FunctionStore store;

    /**
     * Opens an empty store.
     *
     * @param clock tells it when things are created and changed
     * @return the store, without validation around it
     */
    protected abstract FunctionStore open(Clock clock);

    @BeforeEach
    void openStore() {
        store = ValidatedStore.of(open(clock));
    }

    @AfterEach
    void closeStore() {
        store.close().block(LIMIT);
    }

    App app(String name) {
        return await(store.createApp(App.named(name)));
    }

    Fn fn(App app, String name) {
        return await(store.createFn(Fn.of(app.id(), name, "image")));
    }

    Trigger trigger(Fn fn, String name, String source) {
        return await(store.createTrigger(Trigger.of(fn.appId(), fn.id(), name, source)));
    }

    static AppPatch config(Map<String, String> config) {
        return new AppPatch(null, null, config, null, null);
    }

    static FnPatch image(String image) {
        return new FnPatch(null, null, null, image, null, null, null, null, null);
    }

    static TriggerPatch source(String source) {
        return new TriggerPatch(null, null, null, null, source, null);
    }

    static TriggerPatch fnId(String fnId) {
        return new TriggerPatch(null, null, fnId, null, null, null);
    }

    static <T> T await(Mono<T> mono) {
        T value = mono.block(LIMIT);
        assertThat(value).isNotNull();
        return value;
    }

    /** The status of what a store refuses, or 0. */
    static int refusal(Mono<?> mono) {
        Throwable failure = catchThrowable(() -> mono.block(LIMIT));
        if (failure == null) {
            return 0;
        }
        assertThat(failure).isInstanceOf(FunctionException.class);
        assertThat(failure).hasMessageContaining(" (expected: ");
        return ((FunctionException) failure).status();
    }

    static List<Integer> statuses(Function<Integer, Mono<?>> each) {
        return Flux.range(0, 8)
                .flatMap(
                        i -> Mono.fromCallable(() -> refusal(each.apply(i))).subscribeOn(Schedulers.boundedElastic()),
                        8)
                .sort()
                .collectList()
                .block(LIMIT);
    }

    static <T> List<List<String>> names(Function<PageRequest, Mono<Page<T>>> list, Function<T, String> name, int size) {
        List<List<String>> parts = new ArrayList<>();
        @Nullable String next = null;
        do {
            Page<T> page = await(list.apply(new PageRequest(next, size)));
            parts.add(page.items().stream().map(name).toList());
            next = page.next();
        } while (next != null);
        return parts;
    }

    static final class SetClock extends Clock {
        volatile Instant now = START;

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    }
}
