package io.headgate.function.invoke;

import io.netty.buffer.ByteBuf;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells those who look on, and lets none of them break a call. */
final class Observers {

    private static final Logger LOG = LoggerFactory.getLogger(Observers.class);

    private final InvocationObserver observer;

    Observers(InvocationObserver observer) {
        this.observer = observer;
    }

    void queued(Invocation call) {
        try {
            observer.queued(call);
        } catch (RuntimeException e) {
            LOG.warn("an observer failed", e);
        }
    }

    void started(Invocation call, boolean cold, long waitedNanos) {
        try {
            observer.started(call, cold, waitedNanos);
        } catch (RuntimeException e) {
            LOG.warn("an observer failed", e);
        }
        try {
            call.watch().started(cold, waitedNanos);
        } catch (RuntimeException e) {
            LOG.warn("the watch of a call failed", e);
        }
    }

    boolean hearsAll(Invocation call) {
        try {
            return call.watch().hearsAll();
        } catch (RuntimeException e) {
            LOG.warn("the watch of a call failed", e);
            return false;
        }
    }

    void printed(Invocation call, ByteBuf bytes) {
        try {
            call.watch().printed(bytes);
        } catch (RuntimeException e) {
            LOG.warn("the watch of a call failed", e);
        }
    }

    void ended(Invocation call, InvocationEnd end) {
        try {
            observer.ended(call, end);
        } catch (RuntimeException e) {
            LOG.warn("an observer failed", e);
        }
    }
}
