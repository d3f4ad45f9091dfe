package io.headgate.admin;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The levels of {@code java.util.logging}, which forgets loggers that nobody holds: those that were changed are held here. */
final class JulLevels implements LogLevels {

    private final Map<String, Logger> changed = new ConcurrentHashMap<>();

    @Override
    public String system() {
        return "java.util.logging";
    }

    @Override
    public List<Setting> all() {
        List<Setting> all = new ArrayList<>();
        for (String name : Collections.list(LogManager.getLogManager().getLoggerNames())) {
            Logger logger = LogManager.getLogManager().getLogger(name);
            if (logger != null) {
                all.add(setting(logger));
            }
        }
        all.sort((one, other) -> key(one).compareTo(key(other)));
        return all;
    }

    private static String key(Setting setting) {
        return setting.name().equals(ROOT) ? "" : setting.name();
    }

    @Override
    public Setting get(String name) {
        Logger known = LogManager.getLogManager().getLogger(name.equals(ROOT) ? "" : name);
        if (known != null) {
            return setting(known);
        }
        int dot = name.lastIndexOf('.');
        Setting above = get(dot < 0 ? ROOT : name.substring(0, dot));
        return new Setting(name, null, above.effective());
    }

    @Override
    public void set(String name, @Nullable Level level) {
        Logger logger = changed.computeIfAbsent(name, key -> Logger.getLogger(key.equals(ROOT) ? "" : key));
        logger.setLevel(level == null ? null : jul(level));
    }

    private static Setting setting(Logger logger) {
        Logger deciding = logger;
        while (deciding.getLevel() == null && deciding.getParent() != null) {
            deciding = deciding.getParent();
        }
        java.util.logging.Level own = logger.getLevel();
        java.util.logging.Level effective = deciding.getLevel();
        return new Setting(
                logger.getName().isEmpty() ? ROOT : logger.getName(),
                own == null ? null : level(own),
                effective == null ? Level.INFO : level(effective));
    }

    private static java.util.logging.Level jul(Level level) {
        return switch (level) {
            case OFF -> java.util.logging.Level.OFF;
            case ERROR -> java.util.logging.Level.SEVERE;
            case WARN -> java.util.logging.Level.WARNING;
            case INFO -> java.util.logging.Level.INFO;
            case DEBUG -> java.util.logging.Level.FINE;
            case TRACE -> java.util.logging.Level.FINEST;
        };
    }

    private static Level level(java.util.logging.Level level) {
        int value = level.intValue();
        if (value == java.util.logging.Level.OFF.intValue()) {
            return Level.OFF;
        } else if (value >= java.util.logging.Level.SEVERE.intValue()) {
            return Level.ERROR;
        } else if (value >= java.util.logging.Level.WARNING.intValue()) {
            return Level.WARN;
        } else if (value >= java.util.logging.Level.CONFIG.intValue()) {
            return Level.INFO;
        }
        return value >= java.util.logging.Level.FINE.intValue() ? Level.DEBUG : Level.TRACE;
    }
}
