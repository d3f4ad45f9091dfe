package io.headgate.samples.tap;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TopTableTest {

    private static final TopRow ROW = new TopRow("GET /a", 1000, 999, 99.96, 1_234, 5_678, 123_456, 10, 200_000, 1_500);

    @Test
    void aRowForEachRoute() {
        List<String> lines = TopTable.lines(view(List.of(ROW), 1, 0), 10);

        assertThat(lines).hasSize(3);
        assertThat(lines.get(0)).matches("route +rate +success +p50 +p95 +p99 +best +worst +last");
        assertThat(lines.get(1)).matches("GET /a +100.0/s +99.9% +1.2ms +5.7ms +123ms +0.0ms +200ms +1.5ms");
        assertThat(lines.get(2)).isEqualTo("of the last 2.5 s, 3 open");
    }

    @Test
    void rowsAreBounded() {
        assertThat(TopTable.lines(view(List.of(ROW, ROW, ROW), 1, 0), 1))
                .hasSize(4)
                .contains("... and 2 routes more");
    }

    @Test
    void saysWhatTheFiguresAreWorth() {
        assertThat(TopTable.lines(view(List.of(), 0.01, 12), 1))
                .contains("sampled: 1 % of the requests; rates are estimates for all")
                .anyMatch(line -> line.startsWith("dropped: 12 events, the beginning of 4 exchanges"))
                .anyMatch(line -> line.startsWith("forgotten: 5 exchanges"));
    }

    @Test
    void longNamesAreCutAndMoveNoCursor() {
        TopRow row = new TopRow("GET /\u001b[2J" + "x".repeat(100), 1, 1, 1, 1, 1, 1, 1, 1, 1);

        assertThat(TopTable.lines(view(List.of(row), 1, 0), 1).get(1))
                .startsWith("GET /\\x1b[2Jx")
                .contains("xxx... ");
    }

    private static TopView view(List<TopRow> rows, double probability, long dropped) {
        return new TopView(rows, Duration.ofMillis(2500), probability, 3, dropped, dropped / 3, dropped == 0 ? 0 : 5);
    }
}
