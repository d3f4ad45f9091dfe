package io.headgate.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.balance.Strategy;
import io.headgate.retry.BudgetSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** What a client sees of a set of servers that is never at rest, in virtual time. */
@TestInstance(Lifecycle.PER_CLASS)
class SimulationTest {

    private static final long SEED = 20_261_121;
    private static final Path PAGE = Path.of("..", "docs", "simulation.md");

    private final Measurements ewma = Simulation.run(Strategy.peakEwma(), SEED);
    private final Measurements turns = Simulation.run(Strategy.roundRobin(), SEED);

    @Test
    void clientsSeeLessThanOneFailureInAThousand() {
        assertThat(ewma.calls()).isGreaterThan(Simulation.SECONDS * (Simulation.REQUESTS_PER_SECOND - 100L));
        assertThat(ewma.failures() * 1000).isLessThan(ewma.calls());
    }

    @Test
    void retriesStayWithinTheBudget() {
        BudgetSettings budget = BudgetSettings.DEFAULTS;
        double most = budget.ratio() * ewma.calls() + budget.minPerSecond() * (double) Simulation.SECONDS;

        assertThat((double) ewma.retries()).isPositive().isLessThan(most);
        assertThat((double) turns.retries()).isLessThan(most);
    }

    @Test
    void slowRequestsAreLessThanHalfAsSlowAsWithTurns() {
        assertThat(ewma.percentile(0.99)).isLessThan(turns.percentile(0.99) / 2);
    }

    @Test
    void comesOutTheSameEachTime() {
        Measurements again = Simulation.run(Strategy.peakEwma(), SEED);

        assertThat(table(again, turns)).isEqualTo(table(ewma, turns));
    }

    /** Writes the page anew with {@code -Dheadgate.simulation.write}. */
    @Test
    void pageShowsThisRun() throws IOException {
        String page = Files.readString(PAGE);
        Pattern shown = Pattern.compile("(?s)(<!-- run -->\n).*(<!-- end of run -->)");
        String now = shown.matcher(page)
                .replaceFirst("$1" + Matcher.quoteReplacement(table(ewma, turns) + "\n" + plot()) + "$2");
        if (Boolean.getBoolean("headgate.simulation.write")) {
            Files.writeString(PAGE, now);
        }
        assertThat(page).isEqualTo(now);
    }

    private static String table(Measurements ewma, Measurements turns) {
        return "| | peak EWMA | round robin |\n|---|---|---|\n"
                + row("requests", "%,.0f", ewma.calls(), turns.calls())
                + row("failures that clients saw", "%,.0f", ewma.failures(), turns.failures())
                + row("retries", "%,.0f", ewma.retries(), turns.retries())
                + row("p50, ms", "%.1f", ewma.percentile(0.5), turns.percentile(0.5))
                + row("p90, ms", "%.1f", ewma.percentile(0.9), turns.percentile(0.9))
                + row("p99, ms", "%.1f", ewma.percentile(0.99), turns.percentile(0.99))
                + row("p99.9, ms", "%.1f", ewma.percentile(0.999), turns.percentile(0.999));
    }

    private static String row(String name, String format, double left, double right) {
        return String.format(Locale.ROOT, "| %s | " + format + " | " + format + " |\n", name, left, right);
    }

    private String plot() {
        return "```mermaid\nxychart-beta\n    title \"p99 of each second, ms: round robin above, peak EWMA below\"\n"
                + "    x-axis \"second\" 0 --> " + (Simulation.SECONDS - 1) + "\n"
                + "    y-axis \"ms\"\n"
                + "    line [" + series(turns) + "]\n"
                + "    line [" + series(ewma) + "]\n```\n";
    }

    private static String series(Measurements run) {
        return IntStream.range(0, Simulation.SECONDS)
                .mapToObj(second -> String.format(Locale.ROOT, "%.1f", run.percentile(second, 0.99)))
                .collect(Collectors.joining(", "));
    }
}
