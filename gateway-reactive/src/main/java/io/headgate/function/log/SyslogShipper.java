package io.headgate.function.log;

import io.headgate.function.model.App;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Ships lines to one syslog server. An event stream: when the server is away or too slow, lines are dropped and counted, and the count
 * is shipped as a message of its own. Any thread.
 */
final class SyslogShipper implements LineSink {

    private static final Logger LOG = LoggerFactory.getLogger(SyslogShipper.class);

    private final App app;
    private final SyslogUrl url;
    private final SyslogSettings settings;
    private final SyslogQueue queue;
    private final Sinks.Empty<Void> ended = Sinks.empty();
    private volatile @Nullable SyslogSender sender; // from when there are event loops
    private volatile boolean closing;
    private volatile boolean broken;

    private SyslogShipper(App app, SyslogUrl url, SyslogSettings settings) {
        this.app = app;
        this.url = url;
        this.settings = settings;
        this.queue = new SyslogQueue(settings.queueBytes());
    }

    static SyslogShipper start(App app, SyslogUrl url, SyslogSettings settings, Mono<SyslogNet> net) {
        SyslogShipper shipper = new SyslogShipper(app, url, settings);
        net.subscribe(shipper::begin, shipper::fail);
        return shipper;
    }

    private void begin(SyslogNet net) {
        SyslogSender made = new SyslogSender(net, app, url, queue, ended::tryEmitEmpty);
        sender = made;
        made.wake();
        if (closing) {
            made.finish();
        }
    }

    private void fail(Throwable failure) {
        LOG.error("syslog {}: nothing can be shipped", url, failure);
        broken = true;
        queue.close();
        queue.dropAll();
        ended.tryEmitEmpty();
    }

    @Override
    public boolean isOn() {
        return !broken;
    }

    @Override
    public void line(Source source, @Nullable String callId, String line) {
        queue.offer(new SyslogLine(source, callId, line, settings.clock().millis()));
        SyslogSender ready = sender;
        if (ready != null) {
            ready.wake();
        }
    }

    SyslogStats stats() {
        SyslogSender ready = sender;
        return new SyslogStats(
                app.id(),
                url.toString(),
                ready != null && ready.isConnected(),
                queue.size() + (ready == null ? 0 : ready.inFlight()),
                ready == null ? 0 : ready.shipped(),
                queue.dropped());
    }

    /** Takes no more; completes when all is shipped, or the grace is over. May be called again. */
    Mono<Void> closeAsync() {
        queue.close();
        closing = true;
        SyslogSender ready = sender;
        if (ready != null) {
            ready.finish();
        }
        return ended.asMono();
    }
}
