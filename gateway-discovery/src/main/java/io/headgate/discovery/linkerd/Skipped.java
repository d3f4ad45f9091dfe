package io.headgate.discovery.linkerd;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What made no sense in one message. Counted one by one, logged once: a message may have a hundred thousand such parts. */
final class Skipped {

    private static final Logger LOG = LoggerFactory.getLogger(LinkerdDestination.class);

    private final String name;
    private int count;
    private @Nullable String first;

    Skipped(String name) {
        this.name = name;
    }

    void add(String what, @Nullable Object value) {
        if (count++ == 0) {
            first = what + ": " + String.valueOf(value).strip();
        }
    }

    void report(LongAdder total) {
        if (count > 0) {
            total.add(count);
            LOG.warn("{}: {} parts of a message left out (expected: valid ones), the first is {}", name, count, first);
        }
    }
}
