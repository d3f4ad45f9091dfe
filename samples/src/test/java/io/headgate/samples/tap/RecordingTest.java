package io.headgate.samples.tap;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.tap.TapEvent;
import io.headgate.tap.TapEvent.BodyData;
import io.headgate.tap.TapEvent.Dropped;
import io.headgate.tap.TapEvent.End;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RecordingTest {

    private static final List<TapEvent> ALL = List.of(
            Events.request(0, "POST", "/a?b=c", "accept", "*/*", "x", "1", "x", "2"),
            Events.data(0, true, 0, "Grüße", false),
            new BodyData(Events.id(0), Events.PEERS, true, 0, new byte[] {0, -1, 13}, true),
            Events.response(0, 2, 200, "content-type", "text/plain"),
            Events.end(0, 4, 12, new End.Complete(), "grpc-status", "0"),
            Events.end(1, 4, 12, new End.Grpc(14)),
            Events.end(2, 4, 12, new End.Failed("h2(CANCEL)", 8)),
            Events.failed(3, 4, "timeout"),
            Events.end(4, 4, 12, new End.Cancelled()),
            new Dropped(12, 3));

    @TempDir
    private Path folder;

    @Test
    void aReplayShowsWhatWasRecorded() throws IOException {
        Path file = recorded();

        assertThat(shown(file)).isEqualTo(ALL.stream().map(RecordingTest::shown).toList());
        assertThat(Files.readAllLines(file)).hasSameSizeAs(ALL);
    }

    @Test
    void theLastLineOfAKilledRecordingIsLeftOut() throws IOException {
        Path file = recorded();
        Files.writeString(file, "{\"at\":\"2026-01-0", StandardOpenOption.APPEND);

        assertThat(shown(file)).hasSameSizeAs(ALL);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            value = {
                "nonsense|nonsense (expected: an event of a tap as an object of JSON)",
                "{}|at:  (expected: a text)",
                "{\"at\":\"noon\"}|(expected: an event of a tap",
                "{\"at\":\"2026-01-02T03:04:05Z\",\"event\":\"coffee\"}|event: coffee (expected: request, response,",
                "{\"at\":\"2026-01-02T03:04:05Z\",\"event\":\"dropped\",\"events\":1.5}|events: 1.5 (expected: a whole",
                "{\"at\":\"2026-01-02T03:04:05Z\",\"event\":\"data\",\"id\":\"x:y\"}|(expected: an event of a tap",
            })
    void aLineThatIsNoEventIsNamed(String line, String message) throws IOException {
        Path file = folder.resolve("broken");
        Files.writeString(file, line + "\n");

        assertThatThrownBy(() -> Recording.replay(file, seen -> {}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("broken: line 1: ")
                .hasMessageContaining(message);
    }

    private Path recorded() throws IOException {
        Path file = folder.resolve("recording");
        try (Recording recording = Recording.create(file)) {
            ALL.forEach(event -> recording.accept(Events.seen(event)));
        }
        return file;
    }

    private static List<String> shown(Path file) throws IOException {
        List<Seen> replayed = new ArrayList<>();
        Recording.replay(file, replayed::add);
        assertThat(replayed).extracting(Seen::at).containsOnly(Events.START);
        return replayed.stream().map(Seen::event).map(RecordingTest::shown).toList();
    }

    /** Both forms, because events with bodies have no equality. */
    private static String shown(TapEvent event) {
        return Stream.of(new TapLines(true, true), new TapJson())
                .map(format -> format.apply(Events.seen(event)))
                .toList()
                .toString();
    }
}
