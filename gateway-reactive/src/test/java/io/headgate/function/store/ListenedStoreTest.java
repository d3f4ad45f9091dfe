package io.headgate.function.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.model.App;
import io.headgate.function.model.AppPatch;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnPatch;
import io.headgate.function.model.FunctionException;
import io.headgate.function.model.Page;
import io.headgate.function.model.Trigger;
import io.headgate.function.model.TriggerPatch;
import io.headgate.function.store.StoreListener.AppQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import reactor.test.publisher.TestPublisher;

class ListenedStoreTest {

    private final List<String> heard = new ArrayList<>();
    private final FunctionStore kept = MemoryFunctionStore.create();

    @Test
    void listenersAreCalledInTheirOrderBeforeAndAfter() {
        FunctionStore store = store(new Recorder("1"), new Recorder("2"));
        store.createApp(App.named("one")).block();
        assertThat(heard)
                .containsExactly(
                        "1 beforeAppCreate one",
                        "2 beforeAppCreate one",
                        "1 afterAppCreate one",
                        "2 afterAppCreate one");
    }

    @Test
    void eachOperationWithHooksCallsItsOwn() {
        FunctionStore store = store(new Recorder("-"));
        App app = store.createApp(App.named("one")).block();
        store.updateApp(app.id(), new AppPatch(null, null, null, null, null)).block();
        store.app(app.id()).block();
        store.apps("one", PageRequest.FIRST).block();
        Fn fn = store.createFn(Fn.of(app.id(), "f", "x")).block();
        store.updateFn(fn.id(), new FnPatch(null, null, null, null, null, null, null, null, null))
                .block();
        Trigger trigger =
                store.createTrigger(Trigger.of(app.id(), fn.id(), "t", "/t")).block();
        store.updateTrigger(trigger.id(), new TriggerPatch(null, null, null, null, null, null))
                .block();
        store.deleteTrigger(trigger.id()).block();
        store.deleteFn(fn.id()).block();
        store.deleteApp(app.id()).block();
        String a = app.id();
        String f = fn.id();
        String t = trigger.id();
        assertThat(heard)
                .containsExactly(
                        "- beforeAppCreate one",
                        "- afterAppCreate one",
                        "- beforeAppUpdate " + a,
                        "- afterAppUpdate one",
                        "- beforeAppGet " + a,
                        "- afterAppGet one",
                        "- beforeAppList one",
                        "- afterAppList 1",
                        "- beforeFnCreate f",
                        "- afterFnCreate f",
                        "- beforeFnUpdate " + f,
                        "- afterFnUpdate f",
                        "- beforeTriggerCreate t",
                        "- afterTriggerCreate t",
                        "- beforeTriggerUpdate " + t,
                        "- afterTriggerUpdate t",
                        "- beforeTriggerDelete " + t,
                        "- afterTriggerDelete " + t,
                        "- beforeFnDelete " + f,
                        "- afterFnDelete " + f,
                        "- beforeAppDelete " + a,
                        "- afterAppDelete " + a);
    }

    @Test
    void whatAListenerPutsInPlaceGoesToTheNextAndIntoTheStore() {
        StoreListener owner = new StoreListener() {
            @Override
            public Mono<App> beforeAppCreate(App app) {
                return Mono.just(new App(
                        app.id(),
                        app.name() + "-x",
                        Map.of("OWNER", "me"),
                        app.annotations(),
                        app.syslogUrl(),
                        app.createdAt(),
                        app.updatedAt()));
            }

            @Override
            public Mono<AppQuery> beforeAppList(AppQuery query) {
                return Mono.just(new AppQuery(query.name() + "-x", query.page()));
            }
        };
        FunctionStore store = store(owner, new Recorder("2"));
        store.createApp(App.named("one")).block();
        assertThat(heard).containsExactly("2 beforeAppCreate one-x", "2 afterAppCreate one-x");
        assertThat(store.apps("one", PageRequest.FIRST).block().items())
                .singleElement()
                .satisfies(app -> assertThat(app.config()).isEqualTo(Map.of("OWNER", "me")));
    }

    @Test
    void listenersSeeWhatHasNotBeenCheckedYet() {
        FunctionStore store = store(new Recorder("1"));
        StepVerifier.create(store.createApp(App.named("not a name"))).verifyErrorSatisfies(refused(400));
        assertThat(heard).containsExactly("1 beforeAppCreate not a name");
    }

    @Test
    void failureBeforeKeepsTheOperationAndTheOtherListenersFromHappening() {
        FunctionException no = new FunctionException(ErrorKind.INVALID, "not here");
        StoreListener forbids = new StoreListener() {
            @Override
            public Mono<App> beforeAppCreate(App app) {
                return Mono.error(no);
            }

            @Override
            public Mono<Void> beforeAppDelete(String id) {
                throw no;
            }
        };
        FunctionStore store = store(forbids, new Recorder("2"));
        StepVerifier.create(store.createApp(App.named("one")))
                .verifyErrorSatisfies(failure -> assertThat(failure).isSameAs(no));
        App app = kept.createApp(App.named("two")).block();
        StepVerifier.create(store.deleteApp(app.id()))
                .verifyErrorSatisfies(failure -> assertThat(failure).isSameAs(no));
        assertThat(heard).isEmpty();
        assertThat(kept.apps(null, PageRequest.FIRST).block().items()).containsExactly(app);
    }

    @Test
    void failureAfterReachesTheCallerAndWhatIsDoneStaysDone() {
        IllegalStateException late = new IllegalStateException("late");
        StoreListener fails = new StoreListener() {
            @Override
            public Mono<Void> afterAppCreate(App app) {
                return Mono.error(late);
            }
        };
        FunctionStore store = store(fails, new Recorder("2"));
        StepVerifier.create(store.createApp(App.named("one")))
                .verifyErrorSatisfies(failure -> assertThat(failure).isSameAs(late));
        assertThat(heard).containsExactly("2 beforeAppCreate one");
        assertThat(kept.appId("one").block()).isNotNull();
    }

    @Test
    void whenTheOperationFailsNobodyIsCalledAfterIt() {
        FunctionStore store = store(new Recorder("1"));
        StepVerifier.create(store.deleteFn("none")).verifyErrorSatisfies(refused(404));
        StepVerifier.create(store.app("none")).verifyErrorSatisfies(refused(404));
        assertThat(heard).containsExactly("1 beforeFnDelete none", "1 beforeAppGet none");
    }

    @Test
    void aCancelWhileAListenerThinksKeepsTheOperationFromHappening() {
        TestPublisher<Void> thinks = TestPublisher.create();
        StoreListener slow = new StoreListener() {
            @Override
            public Mono<Void> beforeAppDelete(String id) {
                return thinks.mono();
            }
        };
        App app = kept.createApp(App.named("one")).block();
        store(slow).deleteApp(app.id()).subscribe().dispose();
        thinks.assertCancelled();
        assertThat(kept.app(app.id()).block()).isEqualTo(app);
    }

    @Test
    void withoutListenersThereIsNothingAroundTheStore() {
        assertThat(ListenedStore.of(kept, List.of())).isSameAs(kept);
    }

    private FunctionStore store(StoreListener... listeners) {
        return ListenedStore.of(ValidatedStore.of(kept), List.of(listeners));
    }

    private static Consumer<Throwable> refused(int status) {
        return failure -> {
            assertThat(failure).isInstanceOf(FunctionException.class);
            assertThat(((FunctionException) failure).status()).isEqualTo(status);
        };
    }

    private final class Recorder implements StoreListener {
        private final String name;

        private Recorder(String name) {
            this.name = name;
        }

        private <T> Mono<T> hear(String what) {
            return Mono.fromRunnable(() -> heard.add(name + " " + what));
        }

        @Override
        public Mono<App> beforeAppCreate(App app) {
            return hear("beforeAppCreate " + app.name());
        }

        @Override
        public Mono<Void> afterAppCreate(App app) {
            return hear("afterAppCreate " + app.name());
        }

        @Override
        public Mono<AppPatch> beforeAppUpdate(String id, AppPatch patch) {
            return hear("beforeAppUpdate " + id);
        }

        @Override
        public Mono<Void> afterAppUpdate(App app) {
            return hear("afterAppUpdate " + app.name());
        }

        @Override
        public Mono<Void> beforeAppDelete(String id) {
            return hear("beforeAppDelete " + id);
        }

        @Override
        public Mono<Void> afterAppDelete(String id) {
            return hear("afterAppDelete " + id);
        }

        @Override
        public Mono<Void> beforeAppGet(String id) {
            return hear("beforeAppGet " + id);
        }

        @Override
        public Mono<Void> afterAppGet(App app) {
            return hear("afterAppGet " + app.name());
        }

        @Override
        public Mono<AppQuery> beforeAppList(AppQuery query) {
            return hear("beforeAppList " + query.name());
        }

        @Override
        public Mono<Void> afterAppList(Page<App> apps) {
            return hear("afterAppList " + apps.items().size());
        }

        @Override
        public Mono<Fn> beforeFnCreate(Fn fn) {
            return hear("beforeFnCreate " + fn.name());
        }

        @Override
        public Mono<Void> afterFnCreate(Fn fn) {
            return hear("afterFnCreate " + fn.name());
        }

        @Override
        public Mono<FnPatch> beforeFnUpdate(String id, FnPatch patch) {
            return hear("beforeFnUpdate " + id);
        }

        @Override
        public Mono<Void> afterFnUpdate(Fn fn) {
            return hear("afterFnUpdate " + fn.name());
        }

        @Override
        public Mono<Void> beforeFnDelete(String id) {
            return hear("beforeFnDelete " + id);
        }

        @Override
        public Mono<Void> afterFnDelete(String id) {
            return hear("afterFnDelete " + id);
        }

        @Override
        public Mono<Trigger> beforeTriggerCreate(Trigger trigger) {
            return hear("beforeTriggerCreate " + trigger.name());
        }

        @Override
        public Mono<Void> afterTriggerCreate(Trigger trigger) {
            return hear("afterTriggerCreate " + trigger.name());
        }

        @Override
        public Mono<TriggerPatch> beforeTriggerUpdate(String id, TriggerPatch patch) {
            return hear("beforeTriggerUpdate " + id);
        }

        @Override
        public Mono<Void> afterTriggerUpdate(Trigger trigger) {
            return hear("afterTriggerUpdate " + trigger.name());
        }

        @Override
        public Mono<Void> beforeTriggerDelete(String id) {
            return hear("beforeTriggerDelete " + id);
        }

        @Override
        public Mono<Void> afterTriggerDelete(String id) {
            return hear("afterTriggerDelete " + id);
        }
    }
}
