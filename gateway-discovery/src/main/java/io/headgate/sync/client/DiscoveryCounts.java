package io.headgate.sync.client;

import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a discovery could make nothing of. */
final class DiscoveryCounts {

    private static final Logger LOG = LoggerFactory.getLogger(SyncDiscovery.class);

    final LongAdder badDocuments = new LongAdder();
    final LongAdder badKeys = new LongAdder();

    void badDocument() {
        badDocuments.increment();
    }

    void badKey(String key) {
        badKeys.increment();
        LOG.warn("{}: left out (expected: one part after the prefix, with % as %25 and / as %2f)", key);
    }
}
