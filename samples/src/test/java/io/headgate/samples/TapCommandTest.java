package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.forward.Networks;
import io.headgate.samples.tap.Events;
import io.headgate.tap.TapEvent;
import io.headgate.tap.TapEvent.Dropped;
import io.headgate.tap.TapHeaders;
import io.headgate.tap.TapMatch;
import io.headgate.tap.TapMatch.Text;
import io.headgate.tap.TapRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import reactor.core.publisher.Flux;
import tools.jackson.databind.json.JsonMapper;

@Timeout(60)
class TapCommandTest {

    private static final String[] TAP = {"tap", "--gateway", "127.0.0.1:4190"};
    private static final Flux<TapEvent> ONE = Flux.fromIterable(Events.exchange(0, "/books/1", 200));

    @TempDir
    private Path folder;

    @Test
    void showsAnExchangeAndEndsWithTheTap() {
        ScriptedTap tap = new ScriptedTap(ONE.concatWithValues(new Dropped(7, 2)));
        Run run = tap.run(TAP);

        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines())
                .hasSize(4)
                .anyMatch(line -> line.matches("req id=4294967295:0 proxy=out .* :path=/books/1"))
                .anyMatch(line -> line.matches("rsp id=4294967295:0 .* :status=200 latency=2000µs"))
                .anyMatch(line -> line.matches("end id=4294967295:0 .* response-length=12B"))
                .anyMatch(line -> line.startsWith("... 7 events dropped"));
        assertThat(run.exitCode()).isZero();
        assertThat(tap.dialled).containsExactly(new ListenAddress("127.0.0.1", 4190));
        assertThat(tap.closed).isEqualTo(1);
    }

    @Test
    void aLostGatewayIsOneLineAndExitCode1() {
        Run run = new ScriptedTap(ONE.concatWith(Flux.error(new IllegalStateException("tap of a:1: lost\nforever"))))
                .run(TAP);

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("samples/run tap: tap of a:1: lost forever\n");
        assertThat(run.out().lines()).hasSize(3);
    }

    @Test
    void jsonIsARecordingThatCanBeReplayed() throws IOException {
        Run json = new ScriptedTap(ONE).run(with("-o", "json"));
        Path file = folder.resolve("recording");
        Files.writeString(file, json.out());

        Run replayed = Run.of("tap", "--replay", file.toString());

        assertThat(replayed.err()).isEmpty();
        assertThat(replayed.out()).isEqualTo(new ScriptedTap(ONE).run(TAP).out());
    }

    @Test
    void recordsAndWritesHarBesides() throws IOException {
        Path recording = folder.resolve("recording");
        Path har = folder.resolve("har");
        Path again = folder.resolve("again");
        ScriptedTap tap = new ScriptedTap(ONE);

        Run run = tap.run(with("--record", recording.toString(), "--har", har.toString()));

        assertThat(run.err()).isEmpty();
        assertThat(run.exitCode()).isZero();
        assertThat(Files.readAllLines(recording)).hasSize(3);
        assertThat(entries(har)).isEqualTo(1);
        assertThat(tap.asked.get(0).headers()).isEqualTo(TapHeaders.SHOWN);
        Run.of("tap", "--replay", recording.toString(), "--har", again.toString());
        assertThat(entries(again)).isEqualTo(1);
    }

    @Test
    void aFileThatCannotBeWrittenIsOneLineAndExitCode1() {
        Run run = new ScriptedTap(ONE)
                .run(with("--har", folder.resolve("no/such/folder").toString()));

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .startsWith("samples/run tap: ")
                .contains("no/such/folder")
                .hasLineCount(1);
    }

    @Test
    void aBrokenRecordingIsOneLineAndExitCode1() throws IOException {
        Path file = folder.resolve("recording");
        Files.writeString(file, "nonsense\n");

        Run run = Run.of("tap", "--replay", file.toString());

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err())
                .contains("recording: line 1: nonsense (expected: ")
                .hasLineCount(1);
    }

    @ParameterizedTest
    @MethodSource
    void optionsBecomeTheMatch(String options, TapMatch expected) {
        ScriptedTap tap = new ScriptedTap(Flux.empty());
        Run run = tap.run(with(options.split(" ")));

        assertThat(run.err()).isEmpty();
        assertThat(tap.asked).hasSize(1);
        assertThat(tap.asked.get(0).match().toString()).isEqualTo(expected.toString());
    }

    static Stream<Arguments> optionsBecomeTheMatch() {
        TapMatch get = new TapMatch.Method("GET");
        TapMatch path = new TapMatch.Path(Text.exact("/a"));
        TapMatch prefix = new TapMatch.Path(Text.prefix("/b"));
        return Stream.of(
                Arguments.of("--limit 1", TapMatch.EVERYTHING),
                Arguments.of("--method GET", get),
                Arguments.of("--path /a --path-prefix /b --method GET", TapMatch.all(get, TapMatch.any(path, prefix))),
                Arguments.of("--authority a.example", new TapMatch.Authority(Text.exact("a.example"))),
                Arguments.of("--scheme https", new TapMatch.Scheme("https")),
                Arguments.of("--to 10.0.0.0/8", to("10.0.0.0/8")),
                Arguments.of("--to 10.0.0.1", to("10.0.0.1")),
                Arguments.of("--to 10.0.0.1:80", TapMatch.all(to("10.0.0.1"), new TapMatch.DestinationPorts(80, 80))),
                Arguments.of(
                        "--to [fd00::1]:80",
                        TapMatch.all(to("fd00:0:0:0:0:0:0:1"), new TapMatch.DestinationPorts(80, 80))),
                Arguments.of("--from fd00::/8", new TapMatch.SourceNetwork(Networks.of("fd00::/8"))),
                Arguments.of(
                        "--to-label zone=a --route-label route=b=c",
                        TapMatch.all(
                                new TapMatch.DestinationLabel("zone", "a"), new TapMatch.RouteLabel("route", "b=c"))));
    }

    private static TapMatch to(String network) {
        return new TapMatch.DestinationNetwork(Networks.of(network));
    }

    @Test
    void asksForHeadersBodiesAndAShareWhenTold() {
        ScriptedTap tap = new ScriptedTap(Flux.empty());
        tap.run(with("--limit", "7", "--probability", "0.25", "--headers", "--bodies", "100"));
        tap.run(with("-o", "wide"));
        tap.run(TAP);

        TapRequest told = tap.asked.get(0);
        assertThat(List.of(told.limit(), told.probability(), told.headers(), told.bodyBytes()))
                .isEqualTo(List.of(7L, 0.25, TapHeaders.SHOWN, 100));
        assertThat(tap.asked.get(1).headers()).isEqualTo(TapHeaders.SHOWN);
        assertThat(tap.asked.get(2).headers()).isEqualTo(TapHeaders.NONE);
    }

    @Test
    void topShowsTheRoutesWhenTheTapEnds() {
        Run run = new ScriptedTap(ONE.concatWithValues(new Dropped(7, 2)))
                .run("top", "--gateway", "127.0.0.1:4190", "--interval", "1h", "--probability", "0.5");

        assertThat(run.err()).isEmpty();
        assertThat(run.out().lines())
                .anyMatch(line -> line.matches("GET /books/:id +\\S+/s +100.0% +2.0ms .*"))
                .anyMatch(line -> line.startsWith("sampled: 50 %"))
                .anyMatch(line -> line.startsWith("dropped: 7 events"));
        assertThat(run.exitCode()).isZero();
    }

    @Test
    void topOnceEndsAfterAnInterval() {
        ScriptedTap tap = new ScriptedTap(ONE.concatWith(Flux.never()));
        Run run = tap.run("top", "--gateway", "127.0.0.1:4190", "--interval", "100ms", "--once");

        assertThat(run.out().lines())
                .filteredOn(line -> line.startsWith("route "))
                .hasSize(1);
        assertThat(run.exitCode()).isZero();
        assertThat(tap.closed).isEqualTo(1);
    }

    @Test
    void topOfALostGatewayIsOneLineAndExitCode1() {
        Run run = new ScriptedTap(Flux.error(new IllegalStateException("lost")))
                .run("top", "--gateway", "127.0.0.1:4190");

        assertThat(run.exitCode()).isEqualTo(1);
        assertThat(run.err()).isEqualTo("samples/run top: lost\n");
        assertThat(run.out()).isEmpty();
    }

    private static String[] with(String... more) {
        return Stream.concat(Stream.of(TAP), Stream.of(more)).toArray(String[]::new);
    }

    private static int entries(Path har) throws IOException {
        return new JsonMapper()
                .readTree(Files.readString(har))
                .at("/log/entries")
                .size();
    }
}
