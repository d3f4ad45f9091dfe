package io.headgate.rpc.fault;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Hears of faults that somebody caught and logged. */
final class LoggedFaults extends AppenderBase<ILoggingEvent> {

    private @Nullable ILoggingEvent first;

    LoggedFaults() {
        start();
        ((Logger) LoggerFactory.getLogger("io.headgate.rpc")).addAppender(this);
    }

    @Override
    protected void append(ILoggingEvent event) {
        if (first == null && event.getLevel().isGreaterOrEqual(Level.WARN)) {
            first = event;
        }
    }

    void forget() {
        first = null;
    }

    /** The first since the last {@link #forget}. */
    @Nullable String first() {
        ILoggingEvent logged = first;
        return logged == null ? null : logged.getFormattedMessage();
    }
}
