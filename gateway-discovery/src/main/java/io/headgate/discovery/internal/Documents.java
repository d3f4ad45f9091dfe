package io.headgate.discovery.internal;

import io.headgate.discovery.EndpointDocument;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.SourceObserver;
import io.headgate.resolve.Update;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.SynchronousSink;

/** Resolves names by one document, which is read for all of them at once while anybody wants to know about one. */
public final class Documents {

    private static final Logger LOG = LoggerFactory.getLogger(Documents.class);

    private final String source;
    private final SourceObserver observer;
    private final Flux<Reading> readings;

    /** How many subscribers each name has: only the last one leaves it. */
    private final ConcurrentMap<String, Integer> interest = new ConcurrentHashMap<>();

    /**
     * Names of a document.
     *
     * @param readings never ends, and reads while it is subscribed
     */
    public Documents(String source, Flux<Reading> readings, SourceObserver observer) {
        this.source = source;
        this.observer = observer;
        this.readings = readings.distinctUntilChanged(reading -> reading, Reading::saysTheSameAs)
                .doOnNext(this::log)
                .replay(1)
                .refCount();
    }

    private void log(Reading reading) {
        Throwable away = reading.away();
        if (away == null) {
            LOG.info("{}: current", source);
        } else {
            LOG.warn("{}: away, what is known stays in force: {}", source, away.toString());
        }
    }

    /** Each reading is whole, so that for a slow subscriber the last one will do. */
    public Flux<Update<Endpoint>> updates(String name) {
        return Flux.defer(() -> {
            interest.merge(name, 1, Integer::sum);
            return readings.doOnNext(reading -> observe(name, reading))
                    .onBackpressureLatest()
                    .handle(new Changes(name))
                    .doFinally(end -> leave(name));
        });
    }

    private void leave(String name) {
        if (interest.computeIfPresent(name, (key, count) -> count == 1 ? null : count - 1) == null) {
            observer.left(name);
        }
    }

    private void observe(String name, Reading reading) {
        Throwable away = reading.away();
        if (away == null) {
            observer.current(name);
        } else {
            observer.away(name, away);
        }
    }

    /** What one subscriber of one name is told. */
    private static final class Changes implements BiConsumer<Reading, SynchronousSink<Update<Endpoint>>> {

        private final String name;
        private @Nullable Update<Endpoint> told;

        Changes(String name) {
            this.name = name;
        }

        @Override
        public void accept(Reading reading, SynchronousSink<Update<Endpoint>> sink) {
            EndpointDocument document = reading.document();
            Update<Endpoint> state = document == null ? null : document.state(name);
            if (state != null && !state.equals(told)) {
                told = state;
                sink.next(state);
            }
        }
    }
}
