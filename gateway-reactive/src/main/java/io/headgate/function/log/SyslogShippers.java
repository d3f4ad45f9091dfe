package io.headgate.function.log;

import io.headgate.function.model.App;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** The shippers in use: one for each server of each application, so that no application fills the queue of another. Any thread. */
final class SyslogShippers {

    private static final Logger LOG = LoggerFactory.getLogger(SyslogShippers.class);

    private final SyslogSettings settings;
    private final Mono<SyslogNet> net;
    private final ConcurrentMap<Key, Shared> shared = new ConcurrentHashMap<>();
    private final Set<SyslogShipper> alive = ConcurrentHashMap.newKeySet(); // those that are ending as well
    private volatile boolean netUsed;
    private volatile boolean closed;

    private record Key(String appId, SyslogUrl url) {}

    private record Shared(SyslogShipper shipper, int users) {}

    SyslogShippers(SyslogSettings settings) {
        this.settings = settings;
        this.net = Mono.fromCallable(() -> net(settings))
                .subscribeOn(Schedulers.boundedElastic()) // it reads files, loads libraries and asks for names
                .doOnSubscribe(subscription -> netUsed = true)
                .cache();
    }

    private static SyslogNet net(SyslogSettings settings) {
        try {
            return SyslogNet.of(settings);
        } catch (LinkageError e) {
            throw new IllegalStateException("syslog needs reactor-netty-core on the class path", e);
        }
    }

    /** What one user of a shipper holds. */
    record Lease(LineSink sink, Runnable release) {}

    /** For one instance; null where nothing is to be shipped, or cannot be. */
    @Nullable Lease lease(App app) {
        String text = app.syslogUrl();
        if (text == null || text.isEmpty() || closed) {
            return null;
        }
        SyslogUrl url;
        try {
            url = SyslogUrl.of(text);
        } catch (IllegalArgumentException e) {
            LOG.warn("app {}: nothing is shipped: {}", app.name(), e.getMessage());
            return null;
        }
        Key key = new Key(app.id(), url);
        Shared now = shared.compute(
                key,
                (same, there) ->
                        there == null ? new Shared(start(app, url), 1) : new Shared(there.shipper, there.users + 1));
        return new Lease(now.shipper, () -> release(key));
    }

    private SyslogShipper start(App app, SyslogUrl url) {
        SyslogShipper shipper = SyslogShipper.start(app, url, settings, net);
        alive.add(shipper);
        return shipper;
    }

    private void release(Key key) {
        List<SyslogShipper> unused = new ArrayList<>(1);
        shared.computeIfPresent(key, (same, there) -> {
            if (there.users > 1) {
                return new Shared(there.shipper, there.users - 1);
            }
            unused.add(there.shipper);
            return null;
        });
        unused.forEach(shipper -> end(shipper).subscribe());
    }

    private Mono<Void> end(SyslogShipper shipper) {
        return shipper.closeAsync().doOnSuccess(done -> alive.remove(shipper));
    }

    List<SyslogStats> stats() {
        return alive.stream().map(SyslogShipper::stats).toList();
    }

    Mono<Void> closeAsync() {
        return Mono.defer(() -> {
            closed = true;
            Mono<Void> ends = Mono.whenDelayError(
                    List.copyOf(alive).stream().map(this::end).toList());
            return ends.then(Mono.defer(
                            () -> netUsed ? net.doOnNext(SyslogNet::close).then() : Mono.empty()))
                    .onErrorComplete();
        });
    }
}
