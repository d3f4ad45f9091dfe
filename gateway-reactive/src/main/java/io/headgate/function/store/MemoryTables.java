package io.headgate.function.store;

import io.headgate.function.model.App;
import io.headgate.function.model.AppPatch;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FnPatch;
import io.headgate.function.model.Ids;
import io.headgate.function.model.Trigger;
import io.headgate.function.model.TriggerPatch;
import java.time.Clock;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What a {@link MemoryFunctionStore} keeps. Not safe for several threads. */
final class MemoryTables {

    private static final Comparator<String> BY_CODE_POINT =
            (a, b) -> Arrays.compare(a.codePoints().toArray(), b.codePoints().toArray());
    private static final Comparator<Key> BY_KEY =
            Comparator.comparing(Key::name, BY_CODE_POINT).thenComparing(Key::id);

    private final Clock clock;
    private final Ids ids;
    private final Map<String, Contents> contents = new HashMap<>();
    private final NavigableMap<Key, App> apps = new TreeMap<>(BY_KEY);
    private final Map<String, Fn> fns = new HashMap<>();
    private final Map<String, Trigger> triggers = new HashMap<>();

    MemoryTables(Clock clock) {
        this.clock = clock;
        this.ids = new Ids(clock);
    }

    /** Where something stands in its list; the id decides between triggers of one name. */
    private record Key(String name, String id) {}

    /** An application and what belongs to it. */
    private static final class Contents {
        private App app;
        private final NavigableMap<Key, Fn> fns = new TreeMap<>(BY_KEY);
        private final NavigableMap<Key, Trigger> triggers = new TreeMap<>(BY_KEY);
        private final NavigableMap<String, Trigger> sources = new TreeMap<>(BY_CODE_POINT); // all of one type

        private Contents(App app) {
            this.app = app;
        }
    }

    App create(App app) {
        Key key = new Key(app.name(), "");
        if (apps.containsKey(key)) {
            throw StoreErrors.appTaken(app.name());
        }
        App created = app.created(ids.next(), clock.instant());
        apps.put(key, created);
        contents.put(created.id(), new Contents(created));
        return created;
    }

    App update(String id, AppPatch patch) {
        Contents of = contents(id);
        of.app = of.app.patched(patch, clock.instant());
        apps.put(new Key(of.app.name(), ""), of.app);
        return of.app;
    }

    App deleteApp(String id) {
        Contents gone = contents(id);
        contents.remove(id);
        apps.remove(new Key(gone.app.name(), ""));
        gone.fns.values().forEach(fn -> fns.remove(fn.id()));
        gone.triggers.values().forEach(trigger -> triggers.remove(trigger.id()));
        return gone.app;
    }

    App app(String id) {
        return contents(id).app;
    }

    String appId(String name) {
        App app = apps.get(new Key(name, ""));
        if (app == null) {
            throw StoreErrors.noAppNamed(name);
        }
        return app.id();
    }

    List<App> apps(@Nullable String name, PageRequest page) {
        return part(apps, page, app -> name == null || name.equals(app.name()));
    }

    Fn create(Fn fn) {
        Contents of = contents(fn.appId());
        Key key = new Key(fn.name(), "");
        if (of.fns.containsKey(key)) {
            throw StoreErrors.fnTaken(fn.name());
        }
        Fn created = fn.created(ids.next(), clock.instant());
        of.fns.put(key, created);
        fns.put(created.id(), created);
        return created;
    }

    Fn update(String id, FnPatch patch) {
        Fn updated = fn(id).patched(patch, clock.instant());
        fns.put(id, updated);
        contents(updated.appId()).fns.put(new Key(updated.name(), ""), updated);
        return updated;
    }

    Fn deleteFn(String id) {
        Fn gone = fn(id);
        Contents of = contents(gone.appId());
        fns.remove(id);
        of.fns.remove(new Key(gone.name(), ""));
        List.copyOf(of.triggers.values()).stream()
                .filter(trigger -> trigger.fnId().equals(id))
                .forEach(this::remove);
        return gone;
    }

    Fn fn(String id) {
        Fn fn = fns.get(id);
        if (fn == null) {
            throw StoreErrors.noFn(id);
        }
        return fn;
    }

    List<Fn> fns(String appId, @Nullable String name, PageRequest page) {
        Contents of = contents.get(appId);
        return of == null ? List.of() : part(of.fns, page, fn -> name == null || name.equals(fn.name()));
    }

    Trigger create(Trigger trigger) {
        check(trigger, null);
        Trigger created = trigger.created(ids.next(), clock.instant());
        add(created);
        return created;
    }

    Trigger update(String id, TriggerPatch patch) {
        Trigger before = trigger(id);
        Trigger updated = before.patched(patch, clock.instant());
        if (updated != before) {
            check(updated, before);
            remove(before);
            add(updated);
        }
        return updated;
    }

    Trigger deleteTrigger(String id) {
        Trigger gone = trigger(id);
        remove(gone);
        return gone;
    }

    Trigger trigger(String id) {
        Trigger trigger = triggers.get(id);
        if (trigger == null) {
            throw StoreErrors.noTrigger(id);
        }
        return trigger;
    }

    List<Trigger> triggers(String appId, @Nullable String fnId, @Nullable String name, PageRequest page) {
        Contents of = contents.get(appId);
        if (of == null) {
            return List.of();
        }
        return part(
                of.triggers,
                page,
                trigger ->
                        (fnId == null || fnId.equals(trigger.fnId())) && (name == null || name.equals(trigger.name())));
    }

    List<Trigger> sources(String appId, String type) {
        Contents of = contents.get(appId);
        return of == null || !type.equals(Trigger.HTTP) ? List.of() : List.copyOf(of.sources.values());
    }

    private Contents contents(String appId) {
        Contents of = contents.get(appId);
        if (of == null) {
            throw StoreErrors.noApp(appId);
        }
        return of;
    }

    /** First what it refers to, then what is taken by another one than the trigger itself before a change. */
    private void check(Trigger trigger, @Nullable Trigger before) {
        Contents of = contents(trigger.appId());
        if (!fn(trigger.fnId()).appId().equals(trigger.appId())) {
            throw StoreErrors.foreignFn(trigger.fnId());
        }
        for (Trigger other : of.triggers
                .subMap(new Key(trigger.name(), ""), true, new Key(trigger.name(), "~"), true)
                .values()) {
            if (other != before && other.fnId().equals(trigger.fnId())) {
                throw StoreErrors.triggerTaken(trigger.name());
            }
        }
        Trigger other = of.sources.get(trigger.source());
        if (other != null && other != before) {
            throw StoreErrors.sourceTaken(trigger.source());
        }
    }

    private void add(Trigger trigger) {
        Contents of = contents(trigger.appId());
        triggers.put(trigger.id(), trigger);
        of.triggers.put(new Key(trigger.name(), trigger.id()), trigger);
        of.sources.put(trigger.source(), trigger);
    }

    private void remove(Trigger trigger) {
        Contents of = contents(trigger.appId());
        triggers.remove(trigger.id());
        of.triggers.remove(new Key(trigger.name(), trigger.id()));
        of.sources.remove(trigger.source());
    }

    private static <T> List<T> part(NavigableMap<Key, T> all, PageRequest page, Predicate<T> wanted) {
        String after = page.afterName();
        NavigableMap<Key, T> rest = after == null ? all : all.tailMap(new Key(after, page.afterId()), false);
        return rest.values().stream().filter(wanted).limit(page.size()).toList();
    }
}
