package io.headgate.function.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.headgate.function.model.App;
import io.headgate.function.model.AppPatch;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnPatch;
import io.headgate.function.model.FunctionException;
import io.headgate.function.model.Trigger;
import io.headgate.function.model.TriggerPatch;
import io.headgate.test.AllocationAssert;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

class CatalogTest {

    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final long AGE = CatalogSettings.DEFAULT_AGE.toNanos();

    private final AtomicLong nanos = new AtomicLong();
    private final FunctionStore kept = MemoryFunctionStore.create();
    private final SlowStore store = new SlowStore(kept);
    private final Catalog catalog = Catalog.of(store, CatalogSettings.DEFAULTS, nanos::get);
    private final App app = await(kept.createApp(App.named("shop")));
    private final Fn fn = await(kept.createFn(Fn.of(app.id(), "orders", "v1")));
    private final Trigger trigger = await(kept.createTrigger(Trigger.of(app.id(), fn.id(), "orders", "/orders")));

    @Test
    void whatWasLookedUpIsNotReadAgain() {
        Target target = await(catalog.trigger("shop", "/orders"));
        assertThat(target).isEqualTo(new Target(app, fn, trigger, Map.of()));
        assertThat(store.reads).containsExactly("appId", "app", "sources", "fn");
        assertThat(await(catalog.fn(fn.id()))).isEqualTo(new Target(app, fn, null, Map.of()));
        assertThat(await(catalog.trigger("shop", "/orders"))).isSameAs(target);
        assertThat(store.reads).hasSize(4);
    }

    @Test
    void lookupOfWhatIsHereAllocatesNothing() {
        String id = fn.id();
        await(catalog.trigger("shop", "/orders"));
        await(catalog.fn(id));
        assertThat(AllocationAssert.bytesPerCall(() -> catalog.trigger("shop", "/orders")))
                .isLessThan(1);
        assertThat(AllocationAssert.bytesPerCall(() -> catalog.fn(id))).isLessThan(1);
        assertThat(store.reads).hasSize(4);
    }

    @Test
    void manyCallersReadOnce() {
        store.hold();
        List<CompletableFuture<Target>> callers =
                Stream.generate(() -> catalog.fn(fn.id()).toFuture()).limit(100).toList();
        store.release();
        assertThat(callers).allSatisfy(caller -> assertThat(caller.join().fn()).isEqualTo(fn));
        assertThat(store.reads).containsExactly("fn", "app");
    }

    @Test
    void whoLeavesDoesNotTakeTheReadingFromOthers() {
        store.hold();
        CompletableFuture<Target> leaves = catalog.fn(fn.id()).toFuture();
        CompletableFuture<Target> stays = catalog.fn(fn.id()).toFuture();
        leaves.cancel(false);
        store.release();
        assertThat(stays.join().fn()).isEqualTo(fn);
        assertThat(store.reads).containsExactly("fn", "app");
    }

    @Test
    void parametersArePutTogetherOfWhatIsHere() {
        await(kept.createTrigger(Trigger.of(app.id(), fn.id(), "one", "/orders/{id}")));
        assertThat(await(catalog.trigger("shop", "/orders/17")).parameters()).isEqualTo(Map.of("id", "17"));
        assertThat(await(catalog.trigger("shop", "/orders/18")).parameters()).isEqualTo(Map.of("id", "18"));
        assertThat(store.reads).hasSize(4);
    }

    @Test
    void emptyPathIsTheRoot() {
        await(kept.createTrigger(Trigger.of(app.id(), fn.id(), "root", "/")));
        assertThat(await(catalog.trigger("shop", "")).fn()).isEqualTo(fn);
    }

    @Test
    void whatIsNotThereIsNotRemembered() {
        assertThat(outcome(catalog.fn("none"))).isEqualTo(404);
        assertThat(outcome(catalog.trigger("shop", "/other"))).isEqualTo(404);
        assertThat(outcome(catalog.trigger("other", "/"))).isEqualTo(404);
        await(kept.createApp(App.named("other"))); // as another process does
        int before = store.reads.size();
        assertThat(outcome(catalog.trigger("other", "/"))).isEqualTo(404);
        assertThat(store.reads.subList(before, before + 3)).containsExactly("appId", "app", "sources");
    }

    @Test
    void failureOfTheStoreReachesAllWhoWaitAndIsNotRemembered() {
        AtomicBoolean isBroken = new AtomicBoolean(true);
        StoreDecorator broken = new StoreDecorator(kept) {
            @Override
            public Mono<Fn> fn(String id) {
                return isBroken.get() ? store.held(Mono.error(new IllegalStateException("gone"))) : super.fn(id);
            }
        };
        Catalog over = Catalog.of(broken);
        store.hold();
        List<CompletableFuture<Target>> callers =
                List.of(over.fn(fn.id()).toFuture(), over.fn(fn.id()).toFuture());
        store.release();
        assertThat(callers)
                .allSatisfy(caller -> assertThat(catchThrowable(caller::join)).hasRootCauseMessage("gone"));
        isBroken.set(false);
        assertThat(await(over.fn(fn.id())).fn()).isEqualTo(fn);
    }

    @Test
    void storeThatAnswersNothingAtAllIsAFailure() {
        StoreDecorator silent = new StoreDecorator(kept) {
            @Override
            public Mono<Fn> fn(String id) {
                return Mono.empty();
            }
        };
        assertThat(catchThrowable(() -> Catalog.of(silent).fn("x").block(LIMIT)))
                .hasMessage("store: nothing for x (expected: a value or an error)");
    }

    // writes

    @Test
    void changesOfOtherProcessesAreSeenWhenTheAgeIsOver() {
        await(catalog.fn(fn.id()));
        Fn changed = await(kept.updateFn(fn.id(), image("v2")));
        nanos.addAndGet(AGE - 1);
        assertThat(await(catalog.fn(fn.id())).fn()).isEqualTo(fn);
        nanos.addAndGet(1);
        assertThat(await(catalog.fn(fn.id())).fn()).isEqualTo(changed);
    }

    @Test
    void ageCountsFromWhenTheReadingBegan() {
        store.hold();
        CompletableFuture<Target> slow = catalog.trigger("shop", "/orders").toFuture();
        store.releaseOne();
        store.releaseOne();
        nanos.addAndGet(AGE - 1); // while the sources are being read
        store.release();
        slow.join();
        assertThat(await(catalog.trigger("shop", "/orders")).fn()).isEqualTo(fn);
        assertThat(store.reads).hasSize(4);
        nanos.addAndGet(1);
        await(catalog.trigger("shop", "/orders"));
        assertThat(store.reads).containsExactly("appId", "app", "sources", "fn", "appId", "app", "sources");
    }

    @Test
    void nobodyWaitsForAReadingThatIsOlderThanTheAge() {
        store.hold();
        CompletableFuture<Target> hangs = catalog.fn(fn.id()).toFuture();
        nanos.addAndGet(AGE);
        CompletableFuture<Target> next = catalog.fn(fn.id()).toFuture();
        assertThat(store.reads).containsExactly("fn", "fn");
        store.release();
        assertThat(next.join()).isEqualTo(hangs.join());
    }

    private enum Write {
        APP_CHANGES,
        APP_GOES,
        APP_IS_MADE_ANEW,
        FUNCTION_CHANGES,
        FUNCTION_GOES,
        TRIGGER_COMES,
        TRIGGER_MOVES,
        TRIGGER_CALLS_ANOTHER,
        TRIGGER_GOES
    }

    @ParameterizedTest
    @EnumSource
    void localWriteIsSeenByLookupsThatBeginAfterIt(Write write) {
        outcomes(catalog);
        make(write);
        assertThat(outcomes(catalog)).isEqualTo(outcomes(Catalog.of(kept)));
    }

    @ParameterizedTest
    @EnumSource
    void whatWasReadBeforeALocalWriteIsNotKeptAfterIt(Write write) {
        for (int lookup = 0; lookup < lookups(catalog).size(); lookup++) {
            for (int step = 0; step < 4; step++) {
                new CatalogTest().writeDuringLookup(write, lookup, step);
            }
        }
    }

    /** The lookup has read as many things as it has made steps, and one more that it has not been told of. */
    private void writeDuringLookup(Write write, int lookup, int step) {
        store.hold();
        CompletableFuture<Target> early = lookups(catalog).get(lookup).toFuture();
        for (int i = 0; i < step; i++) {
            store.releaseOne();
        }
        make(write);
        store.release();
        assertThat(early.handle((target, failure) -> target != null || failure != null))
                .isCompletedWithValue(true);
        assertThat(outcomes(catalog)).as("lookup %s, step %s", lookup, step).isEqualTo(outcomes(Catalog.of(kept)));
    }

    @Test
    void nameOfADeletedAppIsFreeForThatOfAnotherProcessAtOnce() {
        await(catalog.trigger("shop", "/orders"));
        catalog.store().deleteApp(app.id()).block(LIMIT);
        App anew = await(kept.createApp(App.named("shop")));
        Fn anewFn = await(kept.createFn(Fn.of(anew.id(), "orders", "v1")));
        await(kept.createTrigger(Trigger.of(anew.id(), anewFn.id(), "orders", "/orders")));
        assertThat(await(catalog.trigger("shop", "/orders")).app()).isEqualTo(anew);
    }

    @Test
    void pathsOfADeletedFunctionGoToTheTriggerThatComesNext() {
        Fn fallback = await(kept.createFn(Fn.of(app.id(), "fallback", "v1")));
        await(kept.createTrigger(Trigger.of(app.id(), fallback.id(), "all", "/*")));
        assertThat(await(catalog.trigger("shop", "/orders")).fn()).isEqualTo(fn);
        catalog.store().deleteFn(fn.id()).block(LIMIT);
        assertThat(await(catalog.trigger("shop", "/orders")).fn()).isEqualTo(fallback);
    }

    @Test
    void writeOfACallerThatLeftIsSeenWhenItIsMade() {
        StoreDecorator slow = new StoreDecorator(kept) {
            @Override
            public Mono<Fn> updateFn(String id, FnPatch patch) {
                return store.held(super.updateFn(id, patch));
            }
        };
        Catalog over = Catalog.of(slow);
        await(over.fn(fn.id()));
        store.hold();
        over.store().updateFn(fn.id(), image("v2")).subscribe().dispose();
        store.release();
        assertThat(await(over.fn(fn.id())).fn().image()).isEqualTo("v2");
    }

    @Test
    void writeThatIsMadeAndFailsAllTheSameIsSeen() {
        StoreListener fails = new StoreListener() {
            @Override
            public Mono<Void> afterFnUpdate(Fn updated) {
                return Mono.error(new IllegalStateException("too late"));
            }
        };
        Catalog over = Catalog.of(ListenedStore.of(kept, List.of(fails)));
        await(over.fn(fn.id()));
        assertThat(catchThrowable(
                        () -> over.store().updateFn(fn.id(), image("v2")).block(LIMIT)))
                .hasMessage("too late");
        assertThat(await(over.fn(fn.id())).fn().image()).isEqualTo("v2");
    }

    @Test
    void writeOfOneEntityLeavesOthersWhereTheyAre() {
        Fn other = await(kept.createFn(Fn.of(app.id(), "other", "v1")));
        App otherApp = await(kept.createApp(App.named("other")));
        await(catalog.trigger("shop", "/orders"));
        await(catalog.fn(other.id()));
        int before = store.reads.size();
        await(catalog.store().updateFn(other.id(), image("v2")));
        await(catalog.store().updateApp(otherApp.id(), config("2")));
        catalog.store().deleteApp(otherApp.id()).block(LIMIT);
        await(catalog.trigger("shop", "/orders"));
        assertThat(store.reads).hasSize(before);
    }

    @Test
    void noLookupThatBeginsAfterAWriteSeesWhatWasBefore() {
        AtomicInteger written = new AtomicInteger();
        Mono<Void> writer = Mono.fromRunnable(() -> {
            for (int i = 1; i <= 500; i++) {
                await(catalog.store().updateFn(fn.id(), image(Integer.toString(i))));
                await(catalog.store().updateApp(app.id(), config(Integer.toString(i))));
                written.set(i);
            }
        });
        Mono<Void> reader = Mono.fromRunnable(() -> {
            while (written.get() < 500) {
                int atLeast = written.get();
                Target target = await(catalog.trigger("shop", "/orders"));
                if (atLeast > 0) {
                    assertThat(Integer.parseInt(target.fn().image())).isGreaterThanOrEqualTo(atLeast);
                    assertThat(Integer.parseInt(target.app().config().getOrDefault("A", "")))
                            .isGreaterThanOrEqualTo(atLeast);
                }
            }
        });
        Mono.when(
                        writer.subscribeOn(Schedulers.boundedElastic()),
                        reader.subscribeOn(Schedulers.boundedElastic()),
                        reader.subscribeOn(Schedulers.boundedElastic()))
                .block(LIMIT);
        assertThat(await(catalog.fn(fn.id())).fn().image()).isEqualTo("500");
    }

    // memory

    @Test
    void noMoreIsKeptThanTheCapacity() {
        Catalog small = Catalog.of(store, CatalogSettings.DEFAULTS.withCapacity(10));
        List<Fn> many = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            many.add(await(kept.createFn(Fn.of(app.id(), "f" + i, "v1"))));
        }
        Mono.fromRunnable(() -> many.forEach(each -> small.fn(each.id()).subscribe()))
                .subscribeOn(Schedulers.parallel()) // where nothing may block
                .block(LIMIT);
        assertThat(store.reads).filteredOn("fn"::equals).hasSize(100);
        many.forEach(each -> await(small.fn(each.id())));
        assertThat(store.reads).filteredOn("fn"::equals).hasSizeBetween(190, 200);
    }

    @Test
    void anAppWithMoreTriggersThanTheCapacityIsAnsweredAndNotKept() {
        Catalog small = Catalog.of(store, CatalogSettings.DEFAULTS.withCapacity(10));
        for (int i = 0; i < 10; i++) {
            await(kept.createTrigger(Trigger.of(app.id(), fn.id(), "t" + i, "/" + i)));
        }
        assertThat(await(small.trigger("shop", "/3")).fn()).isEqualTo(fn);
        assertThat(await(small.trigger("shop", "/4")).fn()).isEqualTo(fn);
        assertThat(store.reads).filteredOn("sources"::equals).hasSize(2);
    }

    // helpers

    private void make(Write write) {
        FunctionStore local = catalog.store();
        switch (write) {
            case APP_CHANGES -> await(local.updateApp(app.id(), config("1")));
            case APP_GOES -> local.deleteApp(app.id()).block(LIMIT);
            case APP_IS_MADE_ANEW -> {
                local.deleteApp(app.id()).block(LIMIT);
                App anew = await(local.createApp(App.named("shop")));
                Fn anewFn = await(local.createFn(Fn.of(anew.id(), "orders", "v1")));
                await(local.createTrigger(Trigger.of(anew.id(), anewFn.id(), "orders", "/orders")));
            }
            case FUNCTION_CHANGES -> await(local.updateFn(fn.id(), image("v2")));
            case FUNCTION_GOES -> local.deleteFn(fn.id()).block(LIMIT);
            case TRIGGER_COMES -> await(local.createTrigger(Trigger.of(app.id(), fn.id(), "new", "/moved")));
            case TRIGGER_MOVES ->
                await(local.updateTrigger(trigger.id(), new TriggerPatch(null, null, null, null, "/moved", null)));
            case TRIGGER_CALLS_ANOTHER -> {
                Fn other = await(local.createFn(Fn.of(app.id(), "other", "v1")));
                await(local.updateTrigger(trigger.id(), new TriggerPatch(null, null, other.id(), null, null, null)));
            }
            case TRIGGER_GOES -> local.deleteTrigger(trigger.id()).block(LIMIT);
        }
    }

    private List<Mono<Target>> lookups(Catalog in) {
        return List.of(in.fn(fn.id()), in.trigger("shop", "/orders"), in.trigger("shop", "/moved"));
    }

    private List<Object> outcomes(Catalog in) {
        return lookups(in).stream().map(CatalogTest::outcome).toList();
    }

    private static Object outcome(Mono<Target> lookup) {
        try {
            return await(lookup);
        } catch (FunctionException refusal) {
            return refusal.status();
        }
    }

    private static AppPatch config(String value) {
        return new AppPatch(null, null, Map.of("A", value), null, null);
    }

    private static FnPatch image(String image) {
        return new FnPatch(null, null, null, image, null, null, null, null, null);
    }

    private static <T> T await(Mono<T> mono) {
        T value = mono.block(LIMIT);
        assertThat(value).isNotNull();
        return value;
    }
}
