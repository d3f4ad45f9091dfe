package io.headgate.sync.acceptance;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.SyncUpdate;
import java.util.ArrayList;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.publisher.Sinks.EmitFailureHandler;

/** A set that a test changes by hand, and what it is by now. For one subscriber and one thread. */
final class Source {

    private final Sinks.Many<SyncEvent> events = Sinks.many().unicast().onBackpressureBuffer();
    private final SetSum sum = new SetSum();

    Flux<SyncEvent> events() {
        return events.asFlux();
    }

    SetSum sum() {
        return sum;
    }

    Source tell(List<SyncUpdate> updates) {
        sum.apply(updates);
        return emit(new SyncEvent.Updates(updates));
    }

    Source tell(SyncUpdate... updates) {
        return tell(List.of(updates));
    }

    Source status(SyncStatus status) {
        return emit(new SyncEvent.Status(status));
    }

    Source emit(SyncEvent event) {
        events.emitNext(event, EmitFailureHandler.FAIL_FAST);
        return this;
    }

    /** Entries that are new, named by number. */
    static List<SyncUpdate> entries(int from, int to, int length) {
        List<SyncUpdate> updates = new ArrayList<>();
        for (int number = from; number < to; number++) {
            updates.add(SyncUpdate.added(key(number), Values.of(number, length), String.valueOf(number)));
        }
        return updates;
    }

    static String key(int number) {
        return "/calico/v1/config/entry-%06d".formatted(number);
    }
}
