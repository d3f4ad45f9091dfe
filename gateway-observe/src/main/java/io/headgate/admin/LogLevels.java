package io.headgate.admin;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * The levels of loggers, of whatever writes the log.
 *
 * <p><b>Threading.</b> Called on threads of the admin server, by several at once.
 */
public interface LogLevels {

    /** The name of the logger above all others. */
    String ROOT = "ROOT";

    /** How much is written. */
    enum Level {
        /** Nothing. */
        OFF,
        /** Errors. */
        ERROR,
        /** And warnings. */
        WARN,
        /** And what is of interest. */
        INFO,
        /** And what helps to find a mistake. */
        DEBUG,
        /** And each step. */
        TRACE
    }

    /**
     * A logger.
     *
     * @param name its name
     * @param level its own level, or null when it has that of the one above
     * @param effective the level that it works with
     */
    record Setting(String name, @Nullable Level level, Level effective) {}

    /**
     * Who writes the log.
     *
     * @return a name for people
     */
    String system();

    /**
     * All loggers.
     *
     * @return those that there are now, the root first
     */
    List<Setting> all();

    /**
     * One logger.
     *
     * @param name its name; one that is not there yet has the level of those above it
     * @return how it is
     */
    Setting get(String name);

    /**
     * Changes a logger, which is made when it is not there yet.
     *
     * @param name its name
     * @param level its own level, or null for that of the one above
     */
    void set(String name, @Nullable Level level);

    /**
     * The levels of what writes the log of this process: Logback when slf4j has found it, else {@code java.util.logging}. For others, such
     * as Log4j, an implementation has to be given.
     *
     * @return the levels
     */
    static LogLevels detect() {
        String factory = LoggerFactory.getILoggerFactory().getClass().getName();
        return factory.equals("ch.qos.logback.classic.LoggerContext") ? new LogbackLevels() : new JulLevels();
    }
}
