package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;

class BreakerExamplesTest {

    private static final Path EXAMPLES =
            Path.of("src", "main", "java", "io", "headgate", "samples", "BreakerExamples.java");

    @ParameterizedTest
    @CsvSource({
        "stages/circuit-breaker.md, circuit-breaker",
        "stages/outlier-ejection.md, outlier-ejection",
        "health-checks.md, health-checks"
    })
    void pagesShowWhatIsCompiled(String page, String tag) throws IOException {
        String shown = find("(?s)```java\\n(.*?)\\n```", Files.readString(Path.of("..", "docs", page)));
        String compiled = find("(?s)// tag::" + tag + "\\n(.*?)\\n *// end::" + tag, Files.readString(EXAMPLES));

        assertThat(shown).isEqualTo(compiled.stripIndent());
    }

    @Test
    void theStacksNameTheirRoles() {
        Endpoint endpoint = Endpoint.of("127.0.0.1", 80);
        Service<HttpExchange, HttpReply> compared = BreakerExamples.compared(
                        target -> exchange -> Mono.just(HttpReply.of(204)))
                .make(endpoint);

        assertThat(compared.describe()).containsSubsequence("ejection", "breaker", "endpoint");
    }

    private static String find(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as("something like %s", pattern).isTrue();
        return matcher.group(1);
    }
}
