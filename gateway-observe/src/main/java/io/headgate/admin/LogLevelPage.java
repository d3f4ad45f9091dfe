package io.headgate.admin;

import io.headgate.admin.LogLevels.Level;
import io.headgate.admin.LogLevels.Setting;
import io.headgate.admin.internal.Answer;
import io.headgate.admin.internal.Ask;
import io.headgate.admin.internal.Problem;
import io.headgate.admin.internal.Query;
import io.headgate.admin.internal.Resource;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code /loglevel}: shows and changes levels, and remembers how they were before. */
final class LogLevelPage {

    private static final Logger LOG = LoggerFactory.getLogger(LogLevelPage.class);

    /** A logger that was made stays, so there may not be any number of them. */
    private static final int MOST_CHANGED = 256;

    private static final int LONGEST_NAME = 256;

    private final LogLevels levels;
    private final Map<String, Optional<Level>> before = new LinkedHashMap<>(); // guarded by this

    LogLevelPage(LogLevels levels) {
        this.levels = levels;
    }

    Resource resource() {
        return Resource.of("/loglevel", "levels of loggers; PUT or POST ?logger=&level= changes one, DELETE resets")
                .on("GET", this::show)
                .on("PUT", this::change)
                .on("POST", this::change)
                .on("DELETE", this::reset);
    }

    private Answer show(Ask ask) {
        Query query = ask.query();
        query.only("logger", "all");
        String logger = query.one("logger");
        if (logger != null) {
            return answer(List.of(levels.get(name(query))));
        }
        boolean all = query.flag("all");
        return answer(levels.all().stream()
                .filter(setting -> all || setting.level() != null)
                .toList());
    }

    private Answer answer(List<Setting> settings) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("system", levels.system());
        document.put("levels", Level.values());
        document.put("loggers", settings);
        return Answer.json(200, document);
    }

    private synchronized Answer change(Ask ask) {
        Query query = ask.query();
        query.only("logger", "level");
        String name = name(query);
        Level level = level(query);
        Setting was = levels.get(name);
        if (!before.containsKey(name) && before.size() == MOST_CHANGED) {
            throw new Problem(409, "loggers: " + MOST_CHANGED + " are changed (expected: fewer; DELETE resets)");
        }
        before.putIfAbsent(name, Optional.ofNullable(was.level()));
        levels.set(name, level);
        LOG.info("logger {} changed from {} to {}", name, was.effective(), level);
        return answer(List.of(levels.get(name)));
    }

    private synchronized Answer reset(Ask ask) {
        Query query = ask.query();
        query.only("logger");
        List<String> names = query.one("logger") == null ? List.copyOf(before.keySet()) : List.of(name(query));
        for (String name : names) {
            Optional<Level> was = before.remove(name);
            if (was != null) {
                levels.set(name, was.orElse(null));
                LOG.info("logger {} reset to {}", name, levels.get(name).effective());
            }
        }
        return answer(names.stream().map(levels::get).toList());
    }

    private static String name(Query query) {
        String name = query.required("logger", "the name of a logger, " + LogLevels.ROOT + " for the one above all");
        if (name.length() > LONGEST_NAME || !name.chars().allMatch(c -> c > ' ' && c != 127)) {
            throw Problem.parameter("logger", name, "up to " + LONGEST_NAME + " characters without spaces");
        }
        return name;
    }

    private static Level level(Query query) {
        String expected = "one of " + Arrays.toString(Level.values());
        String text = query.required("level", expected);
        return Arrays.stream(Level.values())
                .filter(level -> level.name().equals(text.toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> Problem.parameter("level", text, expected));
    }
}
