package io.headgate.mux.fuzz;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxy;
import ch.qos.logback.core.AppenderBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/**
 * Hears of exceptions that somebody caught and logged: for peers that misbehave nothing is logged at WARN or above, so what
 * is logged there is a mistake of our own.
 */
final class Tripwire extends AppenderBase<ILoggingEvent> {

    static final Tripwire INSTANCE = new Tripwire();

    private @Nullable ILoggingEvent first;

    private Tripwire() {
        start();
        for (String name : new String[] {"io.headgate", "io.netty", "reactor"}) {
            Logger logger = (Logger) LoggerFactory.getLogger(name);
            logger.addAppender(this);
        }
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (first == null && event.getLevel().isGreaterOrEqual(Level.WARN)) {
            first = event;
        }
    }

    void reset() {
        first = null;
    }

    void assertUntouched() {
        ILoggingEvent event = first;
        if (event != null) {
            Throwable cause = event.getThrowableProxy() instanceof ThrowableProxy proxy ? proxy.getThrowable() : null;
            throw new AssertionError("logged: " + event.getLoggerName() + " " + event.getFormattedMessage(), cause);
        }
    }
}
