package io.headgate.function.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.model.App;
import io.headgate.function.model.AppPatch;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnPatch;
import io.headgate.function.model.Trigger;
import io.headgate.function.model.TriggerPatch;
import io.headgate.function.store.StoreObserver.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class ObservedStoreTest {

    private final AtomicLong nanos = new AtomicLong();
    private final List<String> ended = new ArrayList<>();
    private final FunctionStore kept = MemoryFunctionStore.create();
    private final FunctionStore store = observed(kept);

    private FunctionStore observed(FunctionStore next) {
        return ObservedStore.of(
                next,
                (operation, took, outcome) -> ended.add(operation.label() + " " + took + " " + outcome),
                nanos::get);
    }

    @Test
    void eachOperationIsToldByItsName() {
        App app = store.createApp(App.named("one")).block();
        store.updateApp(app.id(), new AppPatch(null, null, null, null, null)).block();
        store.app(app.id()).block();
        store.appId("one").block();
        store.apps(null, PageRequest.FIRST).block();
        Fn fn = store.createFn(Fn.of(app.id(), "f", "x")).block();
        store.updateFn(fn.id(), new FnPatch(null, null, null, null, null, null, null, null, null))
                .block();
        store.fn(fn.id()).block();
        store.fns(app.id(), null, PageRequest.FIRST).block();
        Trigger trigger =
                store.createTrigger(Trigger.of(app.id(), fn.id(), "t", "/t")).block();
        store.updateTrigger(trigger.id(), new TriggerPatch(null, null, null, null, null, null))
                .block();
        store.trigger(trigger.id()).block();
        store.triggers(app.id(), null, null, PageRequest.FIRST).block();
        store.sources(app.id(), Trigger.HTTP).block();
        store.deleteTrigger(trigger.id()).block();
        store.deleteFn(fn.id()).block();
        store.deleteApp(app.id()).block();
        assertThat(ended)
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(StoreOperation.values())
                        .map(operation -> operation.label() + " 0 " + Outcome.SUCCESS)
                        .toList());
        assertThat(ended)
                .startsWith("create_app 0 SUCCESS", "update_app 0 SUCCESS", "get_app 0 SUCCESS", "get_app_id 0 SUCCESS")
                .endsWith("delete_trigger 0 SUCCESS", "delete_fn 0 SUCCESS", "delete_app 0 SUCCESS");
    }

    @Test
    void timeCountsFromTheSubscriptionOfEachAttempt() {
        FunctionStore slow = observed(new StoreDecorator(kept) {
            @Override
            public Mono<String> appId(String name) {
                return Mono.fromSupplier(() -> "id" + nanos.addAndGet(7));
            }
        });
        Mono<String> lookup = slow.appId("one");
        nanos.addAndGet(100);
        lookup.block();
        lookup.block();
        assertThat(ended).containsExactly("get_app_id 7 SUCCESS", "get_app_id 7 SUCCESS");
    }

    @Test
    void refusalsAreToldFromFailures() {
        FunctionStore broken = observed(new StoreDecorator(kept) {
            @Override
            public Mono<Fn> fn(String id) {
                return Mono.error(new IllegalStateException("gone"));
            }
        });
        StepVerifier.create(broken.app("none")).verifyError();
        StepVerifier.create(broken.fn("none")).verifyErrorMessage("gone");
        assertThat(ended).containsExactly("get_app 0 REFUSED", "get_fn 0 FAILED");
    }

    @Test
    void cancelIsToldUnlessTheAnswerIsThere() {
        FunctionStore hangs = observed(new StoreDecorator(kept) {
            @Override
            public Mono<Fn> fn(String id) {
                return Mono.never();
            }
        });
        hangs.fn("x").subscribe().dispose();
        kept.createApp(App.named("one")).block();
        store.appId("one").flux().take(1).blockLast(); // cancels when it has the value
        assertThat(ended).containsExactly("get_fn 0 CANCELLED", "get_app_id 0 SUCCESS");
    }

    @Test
    void whatAnObserverThrowsDoesNotReachTheCaller() {
        IllegalStateException brief = new IllegalStateException("observer");
        brief.setStackTrace(new StackTraceElement[0]); // it is logged
        FunctionStore unlucky = ObservedStore.of(kept, (operation, took, outcome) -> {
            throw brief;
        });
        StepVerifier.create(unlucky.createApp(App.named("one")))
                .expectNextCount(1)
                .verifyComplete();
    }
}
