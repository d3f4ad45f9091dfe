package io.headgate.admin;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Loaded only when Logback is there. */
final class LogbackLevels implements LogLevels {

    private final LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();

    @Override
    public String system() {
        return "logback";
    }

    @Override
    public List<Setting> all() {
        return context.getLoggerList().stream().map(LogbackLevels::setting).toList();
    }

    @Override
    public Setting get(String name) {
        Logger known = context.exists(name);
        if (known != null) {
            return setting(known);
        }
        int dot = name.lastIndexOf('.');
        Setting above = get(dot < 0 ? ROOT : name.substring(0, dot));
        return new Setting(name, null, above.effective());
    }

    @Override
    public void set(String name, @Nullable Level level) {
        context.getLogger(name).setLevel(level == null ? null : ch.qos.logback.classic.Level.toLevel(level.name()));
    }

    private static Setting setting(Logger logger) {
        ch.qos.logback.classic.Level own = logger.getLevel();
        return new Setting(logger.getName(), own == null ? null : level(own), level(logger.getEffectiveLevel()));
    }

    private static Level level(ch.qos.logback.classic.Level level) {
        return level.toInt() == ch.qos.logback.classic.Level.ALL_INT ? Level.TRACE : Level.valueOf(level.toString());
    }
}
