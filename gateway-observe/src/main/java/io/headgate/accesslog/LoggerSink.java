package io.headgate.accesslog;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Lines as messages of a logger. */
record LoggerSink(Logger logger) implements AccessSink {

    static LoggerSink of(String name) {
        return new LoggerSink(LoggerFactory.getLogger(name));
    }

    @Override
    public void write(CharSequence line) {
        logger.info("{}", line.toString()); // a copy, because appenders may keep it
    }

    @Override
    public boolean isOn() {
        return logger.isInfoEnabled();
    }
}
