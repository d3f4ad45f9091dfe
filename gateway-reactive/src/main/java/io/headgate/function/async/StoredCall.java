package io.headgate.function.async;

import io.headgate.function.model.CallRecord;
import io.headgate.function.model.CallStatus;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A call as memory keeps it; guarded by its store. */
final class StoredCall {

    private static final byte[] NOTHING = {};

    private final Duration maxAge;
    private QueuedCall call;
    private CallStatus status = CallStatus.QUEUED;
    private int attempts;
    private Instant dueAt;
    private @Nullable String lease;
    private Instant leaseEnd = Instant.MIN;
    private @Nullable Instant startedAt;
    private @Nullable Instant completedAt;
    private @Nullable String error;
    private @Nullable CallResult result;
    private byte[] log = NOTHING;

    StoredCall(QueuedCall call) {
        this.call = call;
        this.dueAt = call.dueAt();
        this.maxAge = Duration.between(call.createdAt(), call.expiresAt());
    }

    String id() {
        return call.id();
    }

    QueuedCall call() {
        return call;
    }

    CallStatus status() {
        return status;
    }

    /** When somebody may take the call. */
    Instant openAt() {
        return status == CallStatus.RUNNING ? leaseEnd : dueAt;
    }

    /** When the call ended; only to be asked of those that have. */
    Instant endedAt() {
        return completedAt == null ? Instant.MAX : completedAt;
    }

    @Nullable CallResult result() {
        return result;
    }

    byte[] log() {
        return log;
    }

    boolean isLeasedBy(LeasedCall holder) {
        return status == CallStatus.RUNNING && holder.lease().equals(lease);
    }

    LeasedCall lease(String name, Instant now, Instant until) {
        status = CallStatus.RUNNING;
        lease = name;
        startedAt = now;
        leaseEnd = until;
        attempts++;
        return new LeasedCall(call, name, attempts, until);
    }

    void renew(Instant until) {
        leaseEnd = until;
    }

    void giveBack(Instant due, @Nullable String why) {
        status = CallStatus.QUEUED;
        lease = null;
        dueAt = due;
        attempts--;
        error = why == null ? error : why;
    }

    void end(CallEnd end) {
        status = end.status();
        lease = null;
        dueAt = end.dueAt();
        completedAt = status.isEnded() ? end.at() : null;
        error = end.error();
        result = end.result();
        log = end.log();
    }

    void cancel(Instant now) {
        status = CallStatus.CANCELLED;
        lease = null;
        completedAt = now;
    }

    void revive(Instant now) {
        call = new QueuedCall(
                call.id(),
                call.appId(),
                call.fnId(),
                call.triggerId(),
                call.priority(),
                call.fields(),
                call.payload(),
                call.createdAt(),
                now,
                now.plus(maxAge));
        status = CallStatus.QUEUED;
        attempts = 0;
        dueAt = now;
        completedAt = null;
    }

    CallRecord toRecord() {
        return new CallRecord(
                call.id(),
                call.appId(),
                call.fnId(),
                call.triggerId(),
                status,
                attempts,
                call.createdAt(),
                dueAt,
                startedAt,
                completedAt,
                error);
    }
}
