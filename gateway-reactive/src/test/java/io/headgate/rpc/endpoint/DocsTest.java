package io.headgate.rpc.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import reactor.test.StepVerifier;

class DocsTest {

    private static final Path HERE = Path.of(Files.exists(Path.of("docs")) ? "." : "..");
    private static final Path PAGE = HERE.resolve("docs/rpc-endpoints.md");
    private static final Path SOURCE =
            HERE.resolve("gateway-reactive/src/test/java/io/headgate/rpc/endpoint/DocsExample.java");

    @Test
    void pageShowsWhatIsCompiled() throws IOException {
        assertThat(all("(?s)```java\\n(.*?)\\n```", Files.readString(PAGE)))
                .isEqualTo(all("(?s)// tag::\\w+\\n(.*?)\\n *// end::", Files.readString(SOURCE)).stream()
                        .map(String::stripIndent)
                        .toList());
    }

    @Test
    void exampleWorks() {
        Map<String, ByteBuf> all = new TreeMap<>(Map.of("a", Unpooled.copiedBuffer("text", StandardCharsets.UTF_8)));
        Endpoints endpoints = DocsExample.serve(new DocsExample.Memory(all));

        StepVerifier.create(DocsExample.copy(endpoints, "a", "b"))
                .expectNext(4L)
                .verifyComplete();

        assertThat(all.get("b").toString(StandardCharsets.UTF_8)).isEqualTo("text");
        StepVerifier.create(RpcClients.create()
                        .client(DocsExample.Files.class, endpoints)
                        .list("b"))
                .expectNext(new DocsExample.Entry("b", 4))
                .verifyComplete();
        all.values().forEach(ByteBuf::release);
    }

    private static List<String> all(String pattern, String text) {
        return Pattern.compile(pattern)
                .matcher(text)
                .results()
                .map(match -> match.group(1))
                .toList();
    }
}
