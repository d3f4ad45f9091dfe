package io.headgate.function.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.model.Annotations;
import io.headgate.function.model.App;
import io.headgate.function.model.AppPatch;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnPatch;
import io.headgate.function.model.Trigger;
import io.headgate.function.model.TriggerPatch;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** What every store does with applications, and with each kind of entity alike. */
abstract class AppStoreContract extends StoreCase {

    @Test
    void createdAppIsKeptWithIdAndTimesInMilliseconds() {
        App asked = new App(
                "",
                "müller-1",
                Map.of("A", "1", "EMPTY", ""),
                new Annotations(Map.of("note", "{ \"a\" : [1, 2] }")),
                "tcp+tls://logs.example:6514",
                Instant.EPOCH,
                Instant.EPOCH);
        App created = await(store.createApp(asked));
        assertThat(created.id()).hasSize(26);
        assertThat(created.config()).isEqualTo(Map.of("A", "1"));
        assertThat(created.annotations().get("note")).isEqualTo("{\"a\":[1,2]}");
        assertThat(created.syslogUrl()).isEqualTo("tcp+tls://logs.example:6514");
        assertThat(created.createdAt()).isEqualTo(START_MILLIS);
        assertThat(created.updatedAt()).isEqualTo(START_MILLIS);
        assertThat(await(store.app(created.id()))).isEqualTo(created);
        assertThat(await(store.appId("müller-1"))).isEqualTo(created.id());
    }

    @Test
    void secondAppOfOneNameIsAConflict() {
        app("one");
        assertThat(refusal(store.createApp(App.named("one")))).isEqualTo(409);
        app("One");
    }

    @Test
    void appWithIdOrBadFieldIsRefused() {
        assertThat(refusal(store.createApp(App.named("one").created("01X", START))))
                .isEqualTo(400);
        assertThat(refusal(store.createApp(App.named("a b")))).isEqualTo(400);
        assertThat(await(store.apps(null, PageRequest.FIRST)).items()).isEmpty();
    }

    @Test
    void patchOfAnAppIsMergedAndEmptyValuesRemoveTheirKeys() {
        App app = await(store.createApp(new App(
                "",
                "one",
                Map.of("keep", "1", "change", "2", "drop", "3"),
                new Annotations(Map.of("keep", "1", "drop", "2", "void", "3")),
                "udp://logs:514",
                Instant.EPOCH,
                Instant.EPOCH)));
        clock.now = LATER;
        App updated = await(store.updateApp(
                app.id(),
                new AppPatch(
                        app.id(),
                        "one",
                        Map.of("change", "20", "drop", "", "add", "4"),
                        Map.of("drop", "\"\"", "void", "null", "add", " [ ] "),
                        "")));
        assertThat(updated.config()).isEqualTo(Map.of("keep", "1", "change", "20", "add", "4"));
        assertThat(updated.annotations().values()).isEqualTo(Map.of("keep", "1", "add", "[]"));
        assertThat(updated.syslogUrl()).isNull();
        assertThat(updated.createdAt()).isEqualTo(START_MILLIS);
        assertThat(updated.updatedAt()).isEqualTo(LATER);
        assertThat(await(store.app(app.id()))).isEqualTo(updated);
    }

    @Test
    void patchThatChangesNothingKeepsTheTimeOfTheLastChange() {
        App app = await(store.updateApp(app("one").id(), config(Map.of("A", "1"))));
        Fn fn = fn(app, "f");
        Trigger trigger = trigger(fn, "t", "/t");
        clock.now = LATER;
        assertThat(await(store.updateApp(app.id(), config(Map.of("A", "1", "B", "")))))
                .isEqualTo(app);
        assertThat(await(store.updateFn(fn.id(), image(fn.image())))).isEqualTo(fn);
        assertThat(await(store.updateTrigger(trigger.id(), source("/t")))).isEqualTo(trigger);
        assertThat(await(store.app(app.id())).updatedAt()).isEqualTo(START_MILLIS);
        assertThat(await(store.fn(fn.id())).updatedAt()).isEqualTo(START_MILLIS);
        assertThat(await(store.trigger(trigger.id())).updatedAt()).isEqualTo(START_MILLIS);
    }

    @Test
    void namesOfAppsAndFunctionsNeverChange() {
        App app = app("one");
        Fn fn = fn(app, "f");
        AppPatch rename = new AppPatch(null, "two", Map.of("A", "1"), null, null);
        assertThat(refusal(store.updateApp(app.id(), rename))).isEqualTo(409);
        FnPatch renameFn = new FnPatch(null, null, "g", "other", null, null, null, null, null);
        assertThat(refusal(store.updateFn(fn.id(), renameFn))).isEqualTo(409);
        FnPatch move = new FnPatch(null, app("two").id(), null, null, null, null, null, null, null);
        assertThat(refusal(store.updateFn(fn.id(), move))).isEqualTo(409);
        assertThat(await(store.app(app.id()))).isEqualTo(app);
        assertThat(await(store.fn(fn.id()))).isEqualTo(fn);
    }

    @Test
    void patchForAnotherIdIsRefusedBeforeAnythingIsLookedUp() {
        assertThat(refusal(store.updateApp("none", new AppPatch("other", null, null, null, null))))
                .isEqualTo(400);
        assertThat(refusal(
                        store.updateFn("none", new FnPatch("other", null, null, null, null, null, null, null, null))))
                .isEqualTo(400);
        assertThat(refusal(store.updateTrigger("none", new TriggerPatch("other", null, null, null, null, null))))
                .isEqualTo(400);
    }

    @Test
    void annotationsOfEntityAndPatchTogetherAreBounded() {
        Map<String, String> many = new HashMap<>();
        for (int i = 0; i < 99; i++) {
            many.put("k" + i, Integer.toString(i));
        }
        App app = await(store.updateApp(app("one").id(), new AppPatch(null, null, null, many, null)));
        AppPatch two = new AppPatch(null, null, null, Map.of("a", "1", "b", "2"), null);
        assertThat(refusal(store.updateApp(app.id(), two))).isEqualTo(400);
        AppPatch swap = new AppPatch(null, null, null, Map.of("a", "1", "b", "2", "k1", "null"), null);
        assertThat(await(store.updateApp(app.id(), swap)).annotations().values())
                .hasSize(100);
    }

    @Test
    void whatIsNotThereIsNotFound() {
        List<Mono<?>> all = List.of(
                store.app("none"),
                store.appId("none"),
                store.updateApp("none", config(Map.of())),
                store.deleteApp("none"),
                store.fn("none"),
                store.updateFn("none", image("x")),
                store.deleteFn("none"),
                store.trigger("none"),
                store.updateTrigger("none", source("/")),
                store.deleteTrigger("none"));
        assertThat(all).allSatisfy(missing -> assertThat(refusal(missing)).isEqualTo(404));
    }

    @Test
    void deletedAppTakesItsFunctionsAndTriggersAlong() {
        App app = app("one");
        App other = app("two");
        Fn fn = fn(app, "f");
        Fn kept = fn(other, "f");
        Trigger trigger = trigger(fn, "t", "/t");
        Trigger keptTrigger = trigger(kept, "t", "/t");
        store.deleteApp(app.id()).block(LIMIT);
        assertThat(refusal(store.app(app.id()))).isEqualTo(404);
        assertThat(refusal(store.fn(fn.id()))).isEqualTo(404);
        assertThat(refusal(store.trigger(trigger.id()))).isEqualTo(404);
        assertThat(await(store.fn(kept.id()))).isEqualTo(kept);
        assertThat(await(store.trigger(keptTrigger.id()))).isEqualTo(keptTrigger);
        app("one");
    }

    @Test
    void appsAreListedByCodePointsInPartsTheLastOfWhichMayBeEmpty() {
        List.of("b", "a", "B", "é", "_", "a1").forEach(this::app);
        assertThat(names(page -> store.apps(null, page), App::name, 3))
                .containsExactly(List.of("B", "_", "a"), List.of("a1", "b", "é"), List.of());
        assertThat(names(page -> store.apps("a", page), App::name, 3)).containsExactly(List.of("a"));
        assertThat(names(page -> store.apps("none", page), App::name, 3)).containsExactly(List.of());
    }
}
