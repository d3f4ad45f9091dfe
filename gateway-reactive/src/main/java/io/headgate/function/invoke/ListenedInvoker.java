package io.headgate.function.invoke;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Asks listeners, one after another in their order, before it has a call run.
 *
 * <p><b>Ownership.</b> The payload is taken when the call is subscribed, and released when the call is refused, or cancelled before it is
 * handed on.
 *
 * <p><b>Threading.</b> Any thread may call; nothing blocks.
 */
public final class ListenedInvoker implements Invoker {

    private final Invoker next;
    private final List<CallListener> listeners;

    private ListenedInvoker(Invoker next, List<CallListener> listeners) {
        this.next = next;
        this.listeners = listeners;
    }

    /**
     * Puts listeners before an invoker.
     *
     * @param next runs calls that all have agreed to
     * @param listeners who is asked, in this order
     * @return {@code next} itself without listeners
     */
    public static Invoker of(Invoker next, List<CallListener> listeners) {
        return listeners.isEmpty() ? next : new ListenedInvoker(next, List.copyOf(listeners));
    }

    @Override
    public void dropped(Invocation invocation, @Nullable Throwable why) {
        next.dropped(invocation, why);
    }

    @Override
    public Mono<InvocationReply> invoke(Invocation invocation) {
        return Mono.defer(() -> {
            AtomicBoolean isTaken = new AtomicBoolean(); // the payload, by who runs the call or by who drops it
            return Flux.fromIterable(listeners)
                    .concatMap(listener -> listener.beforeCall(invocation))
                    .then(Mono.defer(() -> isTaken.compareAndSet(false, true)
                            ? next.invoke(invocation)
                            : Mono.<InvocationReply>never()))
                    .doFinally(end -> {
                        if (isTaken.compareAndSet(false, true)) {
                            invocation.payload().discard();
                        }
                    });
        });
    }
}
