package io.headgate.balance.internal;

import io.headgate.Service;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** An endpoint with its service and what is known of its load. Any thread may count calls and read; places are the writer's. */
public final class Node {

    private static final int CALL = 2;
    private static final int RETIRED = 1;
    private static final VarHandle OPEN;
    private static final VarHandle PENDING;
    private static final VarHandle LATENCY;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            OPEN = lookup.findVarHandle(Node.class, "open", int.class);
            PENDING = lookup.findVarHandle(Node.class, "pending", int.class);
            LATENCY = lookup.findVarHandle(Node.class, "latency", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Service<HttpExchange, HttpReply> service;
    private final long rampNanos; // zero: there is none
    private final long rampEnd;
    private int open; // calls that have not ended, and whether there may be new ones
    private int pending; // calls without a first byte of their reply
    private long latency; // as PeakEwma packs it
    private volatile float weight; // of normal ones
    private volatile Endpoint endpoint;
    private final CompletableFuture<@Nullable Void> idle = new CompletableFuture<>();

    // From here on for the writer alone.
    @Nullable Tier tier;

    int index;
    volatile int points; // on the ring

    Node(Endpoint endpoint, Service<HttpExchange, HttpReply> service, long latency, long now, long rampNanos) {
        this.endpoint = endpoint;
        this.weight = weightOf(endpoint);
        this.service = service;
        this.latency = latency;
        this.rampNanos = rampNanos;
        this.rampEnd = now + rampNanos;
    }

    public Service<HttpExchange, HttpReply> service() {
        return service;
    }

    public Endpoint endpoint() {
        return endpoint;
    }

    void update(Endpoint changed) {
        endpoint = changed;
        weight = weightOf(changed);
    }

    /** Among endpoints of the last resort all are alike. */
    private static float weightOf(Endpoint endpoint) {
        return endpoint.weight() == 0 ? 1 : (float) endpoint.weight() / Endpoint.NORMAL_WEIGHT;
    }

    // ---- calls

    /** Whether a call would not wait or be refused. */
    public boolean isReady() {
        return service.status() == Service.Status.OPEN;
    }

    /** Begins a call, unless the endpoint has left. */
    public boolean enter() {
        if (((int) OPEN.getAndAdd(this, CALL) & RETIRED) == 0) {
            PENDING.getAndAdd(this, 1);
            return true;
        }
        left();
        return false;
    }

    /** The first byte of a reply has come, or its end. Once per call. */
    public void answered() {
        PENDING.getAndAdd(this, -1);
    }

    /** A call has ended, after it was {@link #answered}. */
    public void left() {
        if ((int) OPEN.getAndAdd(this, -CALL) == RETIRED + CALL) {
            idle.complete(null);
        }
    }

    /** Takes no more calls; may be repeated. Completes after the last one. */
    public CompletableFuture<@Nullable Void> retire() {
        if (((int) OPEN.getAndBitwiseOr(this, RETIRED) & -CALL) == 0) {
            idle.complete(null);
        }
        return idle;
    }

    public int open() {
        return (int) OPEN.getOpaque(this) >> 1;
    }

    public int pending() {
        return (int) PENDING.getOpaque(this);
    }

    // ---- load

    long latency() {
        return (long) LATENCY.getOpaque(this);
    }

    boolean latency(long before, long after) {
        return LATENCY.weakCompareAndSetPlain(this, before, after);
    }

    /** Its share of the traffic, 1 for a normal one; less while it is new. */
    double weight(long now) {
        return rampNanos == 0 ? weight : weight * ramp(now);
    }

    /** From a tenth to one while the endpoint is new. */
    double ramp(long now) {
        if (rampNanos == 0) {
            return 1;
        }
        long left = rampEnd - now;
        return left <= 0 ? 1 : Math.max(0.1, 1 - (double) left / rampNanos);
    }

    /** Whether a draw that cannot be weighted takes it: by chance while it is new. */
    boolean takes(long now, long random) {
        return rampNanos == 0 || Dice.fraction(random) < ramp(now);
    }

    @Override
    public String toString() {
        return endpoint + " with " + open() + " calls";
    }
}
