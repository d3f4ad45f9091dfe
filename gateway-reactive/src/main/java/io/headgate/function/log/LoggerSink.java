package io.headgate.function.log;

import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;

/** Lines at DEBUG. */
final class LoggerSink implements LineSink {

    private final Logger logger;

    LoggerSink(Logger logger) {
        this.logger = logger;
    }

    @Override
    public boolean isOn() {
        return logger.isDebugEnabled();
    }

    @Override
    public void line(Source source, @Nullable String callId, String line) {
        logger.debug(
                "app={} fn={} image={} instance={} call={}: {}",
                source.app().name(),
                source.fn().name(),
                source.fn().image(),
                source.instanceId(),
                callId == null ? "-" : callId,
                line);
    }
}
