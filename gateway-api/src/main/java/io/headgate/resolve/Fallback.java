package io.headgate.resolve;

import io.headgate.resolve.Update.Absent;
import io.headgate.resolve.Update.Remove;
import io.headgate.resolve.Update.Reset;
import io.headgate.resolve.Update.Upsert;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;
import reactor.core.publisher.SynchronousSink;

/** One source, and another one for as long as the first says that it does not know the name. */
final class Fallback {

    /** Something that one of the two says. The other one says it in the given turn of being asked; the first in turn 0. */
    private record Told(
            int turn, Update<Endpoint> update, @Nullable Throwable refused) {}

    private static final int FIRST = 0;

    private final Sinks.Many<Integer> turns = Sinks.many().unicast().onBackpressureBuffer();

    /** The turn in which the other one is asked, counted up each time, or zero while the first one is in force. */
    private int asked;

    private int lastTurn;

    /** Whose state has been told last: zero, or a turn; negative when none has. */
    private int inForce = -1;

    private @Nullable Throwable refused;

    private Fallback() {}

    static Flux<Update<Endpoint>> of(Resolver first, Resolver other, String name) {
        return Flux.defer(() -> {
            Fallback fallback = new Fallback();
            Flux<Told> others =
                    fallback.turns.asFlux().switchMap(turn -> turn == FIRST ? Flux.never() : stream(turn, other, name));
            return Flux.merge(1, stream(FIRST, first, name), others).handle(fallback::accept);
        });
    }

    private static Flux<Told> stream(int turn, Resolver source, String name) {
        return Flux.defer(() -> source.resolve(name))
                .concatWith(Flux.error(() -> new LostStreamException(name)))
                .map(update -> new Told(turn, update, null))
                .onErrorResume(
                        error -> !(error instanceof LostStreamException),
                        error -> Flux.just(new Told(turn, new Absent<>(), error)));
    }

    private void accept(Told told, SynchronousSink<Update<Endpoint>> sink) {
        if (told.turn == FIRST) {
            first(told, sink);
        } else if (told.turn == asked) {
            other(told, sink);
        }
    }

    private void first(Told told, SynchronousSink<Update<Endpoint>> sink) {
        refused = told.refused;
        if (!(told.update instanceof Absent<Endpoint>)) {
            if (asked != FIRST) {
                ask(FIRST);
            }
            pass(told, sink);
        } else if (asked == FIRST) {
            ask(++lastTurn);
        }
    }

    private void other(Told told, SynchronousSink<Update<Endpoint>> sink) {
        if (told.refused != null && refused != null) {
            refused.addSuppressed(told.refused);
            sink.error(refused);
        } else {
            pass(told, sink);
        }
    }

    private void ask(int turn) {
        asked = turn;
        turns.emitNext(turn, Sinks.EmitFailureHandler.FAIL_FAST);
    }

    /** The first update of a source that was not in force is the whole state. */
    private void pass(Told told, SynchronousSink<Update<Endpoint>> sink) {
        boolean same = inForce == told.turn;
        if (!same && told.update instanceof Remove<Endpoint>) {
            return;
        }
        inForce = told.turn;
        sink.next(
                !same && told.update instanceof Upsert<Endpoint> upsert ? new Reset<>(upsert.members()) : told.update);
    }
}
