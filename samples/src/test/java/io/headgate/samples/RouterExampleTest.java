package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Stack;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.route.NoRouteException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class RouterExampleTest {

    private static final Path PAGE = Path.of("..", "docs", "stages", "router.md");
    private static final Path EXAMPLE =
            Path.of("src", "main", "java", "io", "headgate", "samples", "RouterExample.java");

    @Test
    void thePageShowsWhatIsCompiled() throws IOException {
        String shown = find("(?s)```java\\n(.*?)\\n```", Files.readString(PAGE));
        String compiled = find("(?s)// tag::router\\n(.*?)\\n *// end::router", Files.readString(EXAMPLE));

        assertThat(shown).isEqualTo(compiled.stripIndent());
    }

    @Test
    void theExampleRoutes() {
        Stack<String, HttpExchange, HttpReply> stack = Stack.of(key -> exchange -> Mono.just(HttpReply.text(200, key)));
        Mono<String> beta = RouterExample.router(Flux.just(RouterExample.table()), stack)
                .call(request("api.example.org", "/orders", "cookie", "beta=yes"))
                .flatMap(reply -> reply.body().asString(100));
        Mono<HttpReply> nowhere =
                RouterExample.router(Flux.just(RouterExample.table()), stack).call(request("example.com", "/"));

        StepVerifier.create(beta).expectNext("orders-beta").verifyComplete();
        StepVerifier.create(nowhere).verifyError(NoRouteException.class);
        assertThat(RouterExample.table().shadowed()).isEmpty();
    }

    @Test
    void thePageShowsAnExplanation() throws IOException {
        HttpExchange exchange = request("api.example.org", "/orders", "cookie", "beta=yes");
        String explanation = RouterExample.table().explain(exchange).toString();

        assertThat(Files.readString(PAGE)).contains(explanation.indent(4));
    }

    private static HttpExchange request(String host, String target, CharSequence... fields) {
        return HttpExchange.of(new RequestHead("GET", "https", host, target, Fields.of(fields)), Body.empty());
    }

    private static String find(String pattern, String text) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as("something like %s", pattern).isTrue();
        return matcher.group(1);
    }
}
