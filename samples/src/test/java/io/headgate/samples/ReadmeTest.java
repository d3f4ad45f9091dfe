package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.HttpVersion;
import io.headgate.samples.DemoClient.Answer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ReadmeTest {

    private static final Path README = Path.of("..", "README.md");
    private static final Path SOURCE = Path.of("src", "main", "java", "io", "headgate", "samples", "Readme.java");
    private static final int MOST_LINES = 15;

    @TempDir
    private Path folder;

    @Test
    void readmeShowsTheSample() throws IOException {
        assertThat(README).exists();
        assertThat(find("(?s)```java\\n(.*?)\\n```", Files.readString(README))).isEqualTo(shown());
    }

    @Test
    void sampleIsShort() throws IOException {
        assertThat(shown().lines().count()).isLessThanOrEqualTo(MOST_LINES);
    }

    @Test
    void sampleCompilesStartsAndServes() throws Exception {
        try (EmbeddedUpstreams upstreams = EmbeddedUpstreams.start()) {
            Path program = program(upstreams);
            try (Forked gateway = Forked.java(program.toString())) {
                String port = gateway.awaitLine("listener on .*:(\\d+)$");
                try (DemoClient client = new DemoClient("http://127.0.0.1:" + port)) {
                    assertThat(client.send(HttpVersion.HTTP_1_1, "GET", "/orders/1", ""))
                            .isEqualTo(new Answer(200, "HTTP/1.1", "orders answers GET /orders/1\n"));
                    assertThat(client.send(HttpVersion.HTTP_2, "GET", "/users/1", ""))
                            .isEqualTo(new Answer(200, "HTTP/2", "users answers GET /users/1\n"));
                    assertThat(client.send(HttpVersion.HTTP_1_1, "GET", "/", "").status())
                            .isEqualTo(404);
                }
            }
        }
    }

    /** The sample as people would paste it into a file of their own, with ports that are free here. */
    private Path program(EmbeddedUpstreams upstreams) throws IOException {
        String source = Files.readString(SOURCE)
                .replace("package io.headgate.samples;", "")
                .replace("\"http://127.0.0.1:9001\"", '"' + upstreams.ordersUrl() + '"')
                .replace("\"h2c://127.0.0.1:9002\"", '"' + upstreams.usersUrl() + '"')
                .replace(", 8080,", ", 0,");
        return Files.writeString(folder.resolve("Readme.java"), source);
    }

    private static String shown() throws IOException {
        return find("(?s)// tag::readme\\n(.*?)\\n *// end::readme", Files.readString(SOURCE))
                .stripIndent();
    }

    private static String find(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as("something like %s", pattern).isTrue();
        return matcher.group(1);
    }
}
