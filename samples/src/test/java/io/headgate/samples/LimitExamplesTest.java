package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.ratelimit.RateDecision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.publisher.Mono;

class LimitExamplesTest {

    private static final Path DOCS = Path.of("..", "docs", "stages");
    private static final Path EXAMPLES =
            Path.of("src", "main", "java", "io", "headgate", "samples", "LimitExamples.java");

    @ParameterizedTest
    @CsvSource({"rate-limits.md, rate-limits", "rate-limits.md, rate-limit-store", "concurrency.md, concurrency"})
    void pagesShowWhatIsCompiled(String page, String tag) throws IOException {
        Matcher compiled = Pattern.compile("(?s)// tag::" + tag + "\\n(.*?)\\n *// end::" + tag)
                .matcher(Files.readString(EXAMPLES));
        assertThat(compiled.find()).isTrue();

        assertThat(Files.readString(DOCS.resolve(page)))
                .contains("```java\n" + compiled.group(1).stripIndent() + "\n```");
    }

    @Test
    void theExamplesLetARequestThrough() {
        Service<HttpExchange, HttpReply> ok = exchange -> Mono.just(HttpReply.of(204));
        HttpExchange exchange = HttpExchange.of(RequestHead.of("GET", "example.org", "/checkout"), Body.empty());

        List.of(
                        LimitExamples.rateLimits(),
                        LimitExamples.shared(claims -> Mono.just(new RateDecision.Admitted())),
                        LimitExamples.atMost200(),
                        LimitExamples.atMost20OfAClient(),
                        LimitExamples.asManyAsItTakes())
                .forEach(stage -> assertThat(
                                stage.wrap(ok).call(exchange).block().status())
                        .isEqualTo(204));
    }
}
