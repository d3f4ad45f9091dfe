package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class BoardTest {

    private static final String ERASE_TWO_LINES = "\u001b[2F\u001b[J";

    private final StringWriter text = new StringWriter();

    @Test
    void aTerminalHasTheTableBelowWhatIsSaid() {
        try (Board board = new Board(new PrintWriter(text), true, () -> List.of("heading", "row"))) {
            board.say("first");
            board.say("second");
        }

        assertThat(text.toString())
                .containsSubsequence(
                        "first\n", "heading\nrow\n", ERASE_TWO_LINES, "second\n", "heading\nrow\n", ERASE_TWO_LINES)
                .endsWith("\nheading\nrow\n");
    }

    @Test
    void elsewhereTheTableIsPrintedOnceAtTheEnd() {
        AtomicInteger looks = new AtomicInteger();
        try (Board board = new Board(new PrintWriter(text), false, () -> List.of("look " + looks.incrementAndGet()))) {
            board.say("first");
        }

        assertThat(text.toString()).matches("first\n\nlook \\d+\n");
    }

    @Test
    void afterTheCloseNothingIsPrinted() {
        Board board = new Board(new PrintWriter(text), false, () -> List.of("table"));
        board.close();
        board.say("late");
        board.close();

        assertThat(text.toString()).isEqualTo("\ntable\n");
    }
}
