package io.headgate.function.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DeadlineTextTest {

    private static final long NOW = Instant.parse("2026-01-02T03:04:05Z").toEpochMilli();

    private final DeadlineText texts = new DeadlineText();

    @ParameterizedTest
    @CsvSource({
        "0, 1970-01-01T00:00:00Z",
        "999, 1970-01-01T00:00:00Z",
        "1000, 1970-01-01T00:00:01Z",
        "-1, 1969-12-31T23:59:59Z",
        "-1000, 1969-12-31T23:59:59Z",
        "-1001, 1969-12-31T23:59:58Z",
        "1767323045678, 2026-01-02T03:04:05Z",
        "253402300800000, +10000-01-01T00:00:00Z"
    })
    void isTheSecondInWhichTheMillisecondIs(long epochMillis, String text) {
        assertThat((Object) texts.of(epochMillis)).hasToString(text);
    }

    @Test
    void isKeptForTheCallsOfItsSecond() {
        assertThat((Object) texts.of(NOW + 999)).isSameAs(texts.of(NOW));
        assertThat((Object) texts.of(NOW + 1000)).isNotSameAs(texts.of(NOW));
    }

    @Test
    void secondsOfOnePlaceAreNotTakenForEachOther() {
        for (int i = 0; i < 5; i++) {
            long later = NOW + i * 64_000L; // the same place as NOW
            assertThat((Object) texts.of(later))
                    .hasToString(Instant.ofEpochMilli(later).toString());
            assertThat((Object) texts.of(NOW)).hasToString("2026-01-02T03:04:05Z");
        }
    }

    @Test
    void threadsThatShareItReadTheirOwnSeconds() throws InterruptedException {
        AtomicReference<String> wrong = new AtomicReference<>("");
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            long mine = NOW + i * 64_000L;
            String text = Instant.ofEpochMilli(mine).toString();
            threads.add(new Thread(() -> {
                for (int round = 0; round < 20_000; round++) {
                    String read = texts.of(mine).toString();
                    if (!read.equals(text)) {
                        wrong.set(read + " (expected: " + text + ")");
                    }
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }
        assertThat(wrong).hasValue("");
    }
}
