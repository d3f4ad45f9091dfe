package io.headgate.function.async;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.headgate.function.model.CallRecord;
import io.headgate.http.Fields;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class MemoryCallStoreTest extends CallStoreContract {

    private static final Instant NOW = Instant.parse("2026-11-21T18:00:00Z");

    @Override
    protected CallStore open() {
        return new MemoryCallStore();
    }

    @Test
    void forgetsTheLongestEndedWhenTheyAreTooMany() {
        CallStore few = new MemoryCallStore(2);
        for (int i = 0; i < 5; i++) {
            Instant at = NOW.plusSeconds(i);
            few.add(new QueuedCall("c" + i, "app", "fn", null, 0, Fields.empty(), new byte[0], NOW, NOW, at))
                    .block();
        }
        for (int i = 3; i >= 0; i--) {
            few.cancel("fn", "c" + i, NOW.minusSeconds(i)).block();
        }

        assertThat(few.calls(new CallStore.Filter("fn", null, null, null), null, 10)
                        .block()
                        .items())
                .extracting(CallRecord::id)
                .containsExactly("c4", "c1", "c0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MemoryCallStore(0))
                .withMessage("mostEnded: 0 (expected: at least 1)");
    }
}
