package io.headgate.discovery.linkerd;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Sinks;

/**
 * Bounds how many lookups are under way; others wait in the order in which they came. A lookup keeps its place until it is
 * left, also while its stream is lost: or a name that waits could freeze one that was known.
 */
final class Admission {

    private final Queue<Turn> waiting = new ArrayDeque<>();
    private int free;
    private int admitted;

    Admission(int most) {
        free = most;
    }

    <T> Flux<T> admit(Flux<T> lookup) {
        return Flux.defer(() -> {
            Turn turn = new Turn();
            return turn.come
                    .asMono()
                    .doOnSubscribe(subscription -> join(turn))
                    .thenMany(lookup)
                    .doFinally(end -> leave(turn));
        });
    }

    synchronized int admitted() {
        return admitted;
    }

    synchronized int waiting() {
        return waiting.size();
    }

    private void join(Turn turn) {
        if (takeOrWait(turn)) {
            turn.come.tryEmitEmpty();
        }
    }

    private synchronized boolean takeOrWait(Turn turn) {
        if (turn.left) {
            return false;
        } else if (free == 0) {
            waiting.add(turn);
            return false;
        }
        free--;
        take(turn);
        return true;
    }

    private void take(Turn turn) {
        turn.taken = true;
        admitted++;
    }

    private void leave(Turn turn) {
        Turn next = release(turn);
        if (next != null) {
            next.come.tryEmitEmpty();
        }
    }

    private synchronized @Nullable Turn release(Turn turn) {
        turn.left = true;
        if (!turn.taken) {
            waiting.remove(turn);
            return null;
        }
        turn.taken = false;
        admitted--;
        Turn next = waiting.poll();
        if (next == null) {
            free++;
        } else {
            take(next);
        }
        return next;
    }

    private static final class Turn {

        final Sinks.Empty<Void> come = Sinks.empty();
        boolean taken;
        boolean left;
    }
}
