package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class StagesTest {

    private static final Path DOCS = Path.of("..", "docs");
    private static final Path EXAMPLES =
            Path.of("src", "main", "java", "io", "headgate", "samples", "StageExamples.java");

    @Test
    void onceShowsTheStagesAtWorkAndExits0() {
        Run run = Run.of("stages", "--once", "--listen", "127.0.0.1:0");

        assertThat(run.err()).isEmpty();
        assertThat(run.out())
                .startsWith("request-id - outermost: every reply has an id\n")
                .contains("\nendpoint\n")
                .contains("GET orders.internal/orders/v2/42?q", "x-forwarded-for: 127.0.0.1", "via: 2.0 headgate")
                .contains("-> 308", "-> 400", "-> 413")
                .contains("MirrorStats[")
                .doesNotContain("curl");
        assertThat(run.exitCode()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "stages/README.md, stack",
        "stages/forwarded.md, forwarded",
        "stages/canonical-path.md, canonical-path",
        "stages/rewriting.md, rewriting",
        "stages/redirects.md, redirects",
        "stages/request-limits.md, request-limits",
        "stages/request-id.md, request-id",
        "stages/allowed-origins.md, allowed-origins",
        "stages/mirror.md, mirror",
        "proxy-protocol.md, proxy-protocol"
    })
    void pagesShowWhatIsCompiled(String page, String tag) throws IOException {
        String shown = find("(?s)```java\\n(.*?)\\n```", Files.readString(DOCS.resolve(page)));
        String compiled = find("(?s)// tag::" + tag + "\\n(.*?)\\n *// end::" + tag, Files.readString(EXAMPLES));

        assertThat(shown).isEqualTo(compiled.stripIndent());
    }

    private static String find(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as("something like %s", pattern).isTrue();
        return matcher.group(1);
    }
}
