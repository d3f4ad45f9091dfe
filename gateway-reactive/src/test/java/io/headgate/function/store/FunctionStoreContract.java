package io.headgate.function.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.headgate.function.model.Annotations;
import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnPatch;
import io.headgate.function.model.Trigger;
import io.headgate.function.model.TriggerPatch;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** What every store does: what is asked of it about applications, and here about functions and triggers. */
public abstract class FunctionStoreContract extends AppStoreContract {

    // functions

    @Test
    void createdFunctionIsKeptAsAskedFor() {
        App app = app("one");
        Annotations annotations = new Annotations(Map.of("headgate.io/max-instances", "3"));
        Fn asked = new Fn(
                "",
                app.id(),
                "f.1~$&+:=@_-",
                "node:hello",
                8192,
                300,
                3600,
                Map.of("B", "ü\n"),
                annotations,
                Instant.EPOCH,
                Instant.EPOCH);
        Fn created = await(store.createFn(asked));
        assertThat(created).isEqualTo(asked.created(created.id(), START));
        assertThat(await(store.fn(created.id()))).isEqualTo(created);
    }

    @Test
    void everyFieldOfAFunctionThatMayChangeChanges() {
        Fn fn = fn(app("one"), "f");
        clock.now = LATER;
        FnPatch patch =
                new FnPatch(fn.id(), fn.appId(), "f", "other", 256, 60, 120, Map.of("A", "1"), Map.of("note", "true"));
        Fn updated = await(store.updateFn(fn.id(), patch));
        assertThat(updated)
                .isEqualTo(new Fn(
                        fn.id(),
                        fn.appId(),
                        "f",
                        "other",
                        256,
                        60,
                        120,
                        Map.of("A", "1"),
                        new Annotations(Map.of("note", "true")),
                        START_MILLIS,
                        LATER));
        assertThat(await(store.fn(fn.id()))).isEqualTo(updated);
    }

    @Test
    void functionNeedsAnAppAndANameOfItsOwnThere() {
        App app = app("one");
        fn(app, "f");
        fn(app("two"), "f");
        assertThat(refusal(store.createFn(Fn.of("none", "f", "x")))).isEqualTo(404);
        assertThat(refusal(store.createFn(Fn.of(app.id(), "f", "x")))).isEqualTo(409);
    }

    @Test
    void fieldsAreCheckedBeforeReferencesAndReferencesBeforeConflicts() {
        Fn fn = fn(app("one"), "f");
        Trigger trigger = trigger(fn, "t", "/t");
        assertThat(refusal(store.createFn(Fn.of("none", "a/b", "x")))).isEqualTo(400);
        assertThat(refusal(store.createTrigger(Trigger.of("none", "none", "t", "no-slash"))))
                .isEqualTo(400);
        assertThat(refusal(store.createTrigger(Trigger.of(fn.appId(), "none", "t", "/t"))))
                .isEqualTo(404);
        assertThat(refusal(store.updateFn("none", new FnPatch(null, null, null, null, 0, null, null, null, null))))
                .isEqualTo(400);
        TriggerPatch toNone = new TriggerPatch(null, null, "none", null, "/t", null);
        assertThat(refusal(store.updateTrigger(trigger.id(), toNone))).isEqualTo(404);
    }

    @Test
    void annotationsThatSayHowAFunctionIsRunAreChecked() {
        Fn fn = fn(app("one"), "f");
        Map<String, String> bad = Map.of("headgate.io/max-instances", "0");
        FnPatch patch = new FnPatch(null, null, null, null, null, null, null, null, bad);
        assertThat(refusal(store.updateFn(fn.id(), patch))).isEqualTo(400);
        assertThat(await(store.fn(fn.id()))).isEqualTo(fn);
    }

    @Test
    void deletedFunctionTakesItsTriggersAlong() {
        App app = app("one");
        Fn fn = fn(app, "f");
        Trigger trigger = trigger(fn, "t", "/t");
        Trigger kept = trigger(fn(app, "g"), "t", "/kept");
        store.deleteFn(fn.id()).block(LIMIT);
        assertThat(refusal(store.trigger(trigger.id()))).isEqualTo(404);
        assertThat(await(store.sources(app.id(), Trigger.HTTP))).containsExactly(kept);
        trigger(fn(app, "f"), "t", "/t");
    }

    @Test
    void functionsAreListedByAppAndName() {
        App app = app("one");
        List.of("b", "a", "B").forEach(name -> fn(app, name));
        fn(app("two"), "c");
        assertThat(names(page -> store.fns(app.id(), null, page), Fn::name, 2))
                .containsExactly(List.of("B", "a"), List.of("b"));
        assertThat(names(page -> store.fns(app.id(), "a", page), Fn::name, 2)).containsExactly(List.of("a"));
        assertThat(names(page -> store.fns("none", null, page), Fn::name, 2)).containsExactly(List.of());
    }

    // triggers

    @Test
    void createdTriggerIsKeptAsAskedFor() {
        Fn fn = fn(app("one"), "f");
        String longest = "/" + "x".repeat(1023);
        Trigger asked = new Trigger(
                "",
                fn.appId(),
                fn.id(),
                "ä".repeat(255),
                Trigger.HTTP,
                longest,
                new Annotations(Map.of("a", "\"ü\"")),
                Instant.EPOCH,
                Instant.EPOCH);
        Trigger created = await(store.createTrigger(asked));
        assertThat(created).isEqualTo(asked.created(created.id(), START));
        assertThat(await(store.trigger(created.id()))).isEqualTo(created);
        store.deleteTrigger(created.id()).block(LIMIT);
        assertThat(refusal(store.trigger(created.id()))).isEqualTo(404);
    }

    @Test
    void triggerNeedsAFunctionOfItsApp() {
        App app = app("one");
        Fn fn = fn(app, "f");
        Fn foreign = fn(app("two"), "f");
        assertThat(refusal(store.createTrigger(Trigger.of("none", fn.id(), "t", "/t"))))
                .isEqualTo(404);
        assertThat(refusal(store.createTrigger(Trigger.of(app.id(), "none", "t", "/t"))))
                .isEqualTo(404);
        assertThat(refusal(store.createTrigger(Trigger.of(app.id(), foreign.id(), "t", "/t"))))
                .isEqualTo(400);
        Trigger trigger = trigger(fn, "t", "/t");
        assertThat(refusal(store.updateTrigger(trigger.id(), fnId(foreign.id()))))
                .isEqualTo(400);
        assertThat(refusal(store.updateTrigger(trigger.id(), fnId("none")))).isEqualTo(404);
        TriggerPatch move = new TriggerPatch(null, foreign.appId(), null, null, null, null);
        assertThat(refusal(store.updateTrigger(trigger.id(), move))).isEqualTo(409);
        assertThat(await(store.trigger(trigger.id()))).isEqualTo(trigger);
    }

    @Test
    void sourcesAreUniqueInAnAppAlsoAfterAChange() {
        App app = app("one");
        Fn fn = fn(app, "f");
        trigger(fn, "t", "/taken");
        trigger(fn(app("two"), "f"), "t", "/taken");
        Trigger second = trigger(fn(app, "g"), "u", "/free");
        assertThat(refusal(store.createTrigger(Trigger.of(app.id(), fn.id(), "v", "/taken"))))
                .isEqualTo(409);
        assertThat(refusal(store.updateTrigger(second.id(), source("/taken")))).isEqualTo(409);
        assertThat(await(store.trigger(second.id()))).isEqualTo(second);
        await(store.updateTrigger(second.id(), source("/elsewhere")));
        trigger(fn, "v", "/free");
    }

    @Test
    void namesOfTriggersAreUniqueInAFunctionAlsoAfterAChange() {
        App app = app("one");
        Fn fn = fn(app, "f");
        Fn other = fn(app, "g");
        trigger(fn, "t", "/1");
        Trigger second = trigger(fn, "u", "/2");
        Trigger third = trigger(other, "t", "/3");
        assertThat(refusal(store.createTrigger(Trigger.of(app.id(), fn.id(), "t", "/4"))))
                .isEqualTo(409);
        TriggerPatch rename = new TriggerPatch(null, null, null, "t", null, null);
        assertThat(refusal(store.updateTrigger(second.id(), rename))).isEqualTo(409);
        assertThat(refusal(store.updateTrigger(third.id(), fnId(fn.id())))).isEqualTo(409);
    }

    @Test
    void everyFieldOfATriggerThatMayChangeChanges() {
        App app = app("one");
        Trigger trigger = trigger(fn(app, "f"), "t", "/t");
        Fn other = fn(app, "g");
        clock.now = LATER;
        TriggerPatch patch = new TriggerPatch(null, app.id(), other.id(), "u", "/u", Map.of("a", "1"));
        Trigger updated = await(store.updateTrigger(trigger.id(), patch));
        assertThat(updated)
                .isEqualTo(new Trigger(
                        trigger.id(),
                        app.id(),
                        other.id(),
                        "u",
                        Trigger.HTTP,
                        "/u",
                        new Annotations(Map.of("a", "1")),
                        START_MILLIS,
                        LATER));
        assertThat(await(store.trigger(trigger.id()))).isEqualTo(updated);
        assertThat(await(store.sources(app.id(), Trigger.HTTP))).containsExactly(updated);
    }

    @Test
    void triggersOfOneNameInSeveralFunctionsAreAllListed() {
        App app = app("one");
        for (int i = 0; i < 5; i++) {
            trigger(fn(app, "f" + i), "same", "/" + i);
        }
        assertThat(names(page -> store.triggers(app.id(), null, null, page), Trigger::source, 2))
                .containsExactly(List.of("/0", "/1"), List.of("/2", "/3"), List.of("/4"));
    }

    @Test
    void triggersAreListedByAppFunctionAndName() {
        App app = app("one");
        Fn fn = fn(app, "f");
        List.of("b", "B", "a").forEach(name -> trigger(fn, name, "/f/" + name));
        trigger(fn(app, "g"), "a", "/g/a");
        assertThat(names(page -> store.triggers(app.id(), fn.id(), null, page), Trigger::name, 100))
                .containsExactly(List.of("B", "a", "b"));
        assertThat(names(page -> store.triggers(app.id(), null, "a", page), Trigger::source, 100))
                .containsExactly(List.of("/f/a", "/g/a"));
        assertThat(names(page -> store.triggers(app.id(), fn.id(), "a", page), Trigger::source, 100))
                .containsExactly(List.of("/f/a"));
        assertThat(names(page -> store.triggers("none", null, null, page), Trigger::name, 100))
                .containsExactly(List.of());
        assertThat(await(store.sources(app.id(), Trigger.HTTP)))
                .extracting(Trigger::source)
                .containsExactly("/f/B", "/f/a", "/f/b", "/g/a");
        assertThat(await(store.sources(app.id(), "other"))).isEmpty();
    }

    // several at once

    @Test
    void oneOfManyThatCreateTheSameAtOnceWins() {
        assertThat(statuses(i -> store.createApp(App.named("one"))))
                .containsExactly(0, 409, 409, 409, 409, 409, 409, 409);
        String appId = await(store.appId("one"));
        assertThat(statuses(i -> store.createFn(Fn.of(appId, "f", "x"))))
                .containsExactly(0, 409, 409, 409, 409, 409, 409, 409);
        Fn fn = await(store.fns(appId, "f", PageRequest.FIRST)).items().get(0);
        assertThat(statuses(i -> store.createTrigger(Trigger.of(appId, fn.id(), "t" + i, "/t"))))
                .containsExactly(0, 409, 409, 409, 409, 409, 409, 409);
    }

    @Test
    void patchesThatAreMadeAtOnceAreAllKept() {
        App app = app("one");
        Fn fn = fn(app, "f");
        assertThat(statuses(i -> store.updateApp(app.id(), config(Map.of("K" + i, "1")))))
                .containsOnly(0);
        assertThat(await(store.app(app.id())).config()).hasSize(8);
        assertThat(statuses(i -> store.updateFn(
                        fn.id(), new FnPatch(null, null, null, null, null, null, null, Map.of("K" + i, "1"), null))))
                .containsOnly(0);
        assertThat(await(store.fn(fn.id())).config()).hasSize(8);
    }

    @Test
    void nothingIsLeftOfWhatIsCreatedWhileItsOwnerGoes() {
        for (int round = 0; round < 5; round++) {
            App app = app("app" + round);
            Fn fn = fn(app, "f");
            String name = "t" + round;
            List<Integer> ends = statuses(i -> switch (i % 4) {
                case 0 -> store.createTrigger(Trigger.of(app.id(), fn.id(), name + i, "/" + i));
                case 1 -> store.createFn(Fn.of(app.id(), "f" + i, "x"));
                case 2 -> i == 2 ? store.deleteFn(fn.id()) : store.updateFn(fn.id(), image("y"));
                default -> store.deleteApp(app.id());
            });
            assertThat(ends).isSubsetOf(0, 404);
            assertThat(await(store.fns(app.id(), null, PageRequest.FIRST)).items())
                    .isEmpty();
            assertThat(await(store.sources(app.id(), Trigger.HTTP))).isEmpty();
        }
    }

    @Test
    void nothingHappensBeforeTheSubscriptionAndAllAgainAtTheNext() {
        Mono<App> create = store.createApp(App.named("one"));
        assertThat(await(store.apps(null, PageRequest.FIRST)).items()).isEmpty();
        App first = await(create);
        assertThat(refusal(create)).isEqualTo(409);
        store.deleteApp(first.id()).block(LIMIT);
        assertThat(await(create).id()).isGreaterThan(first.id());
    }

    @Test
    void storeCanBeClosedTwice() {
        store.close().block(LIMIT);
        assertThat(catchThrowable(() -> store.close().block(LIMIT))).isNull();
    }
}
