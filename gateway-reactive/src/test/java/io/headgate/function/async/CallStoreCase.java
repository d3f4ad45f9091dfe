package io.headgate.function.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.headgate.function.async.CallStore.Filter;
import io.headgate.function.model.CallRecord;
import io.headgate.function.model.CallStatus;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.function.model.Page;
import io.headgate.http.Fields;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import reactor.core.publisher.Mono;

/** An empty store of calls, and what its checks say often. */
abstract class CallStoreCase {

    static final Instant T0 = Instant.parse("2026-11-21T18:00:00Z");
    static final Duration LEASE = Duration.ofSeconds(30);
    static final Duration MAX_AGE = Duration.ofHours(6);
    static final byte[] NOTHING = {};

    CallStore store;

    /** An empty store. */
    protected abstract CallStore open();

    @BeforeEach
    void openStore() {
        store = open();
    }

    void add(String id) {
        add(id, 0, T0, T0);
    }

    void add(String id, int priority, Instant created, Instant due) {
        get(store.add(call(id, "fn", priority, created, due)));
    }

    static QueuedCall call(String id, String fn, int priority, Instant created, Instant due) {
        return new QueuedCall(
                id, "app", fn, null, priority, Fields.empty(), bytes("in"), created, due, created.plus(MAX_AGE));
    }

    List<LeasedCall> lease(Instant now, int max) {
        return get(store.lease(new LeaseRequest("worker", max, now, LEASE, Set.of())));
    }

    LeasedCall leaseOne(Instant now) {
        List<LeasedCall> calls = lease(now, 1);
        assertThat(calls).hasSize(1);
        return calls.get(0);
    }

    boolean end(LeasedCall call, CallStatus status, Instant at) {
        @Nullable CallResult result = status == CallStatus.SUCCESS ? answer("ok") : null;
        return get(store.end(call, new CallEnd(status, at, at, result == null ? "broke" : null, result, NOTHING)));
    }

    static CallResult answer(String text) {
        return new CallResult(200, Fields.empty(), bytes(text));
    }

    CallStatus status(String id) {
        return get(store.call("fn", id)).status();
    }

    List<String> listed(@Nullable CallStatus status, @Nullable Instant from, @Nullable Instant to) {
        return list(new Filter("fn", status, from, to), null, 100).items().stream()
                .map(CallRecord::id)
                .toList();
    }

    Page<CallRecord> list(Filter filter, @Nullable String after, int size) {
        return get(store.calls(filter, after, size));
    }

    static List<String> ids(List<LeasedCall> calls) {
        return calls.stream().map(call -> call.call().id()).toList();
    }

    static void assertNotFound(Mono<?> answer, String id) {
        assertThatExceptionOfType(FunctionException.class)
                .isThrownBy(() -> get(answer))
                .withMessageContaining(id)
                .asInstanceOf(type(FunctionException.class))
                .extracting(FunctionException::kind)
                .isEqualTo(ErrorKind.NOT_FOUND);
    }

    static <T> T get(Mono<T> answer) {
        return answer.block(Duration.ofSeconds(20));
    }

    static Instant at(long seconds) {
        return T0.plusSeconds(seconds);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
