package io.headgate.samples;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.ServiceFactory;
import io.headgate.breaker.Ejection;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Resolver;
import io.headgate.route.Route;
import io.headgate.route.RouteTable;
import io.headgate.route.Router;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class ResilienceExamplesTest {

    private static final Path PAGE = Path.of("..", "docs", "stages", "README.md");
    private static final Path EXAMPLES =
            Path.of("src", "main", "java", "io", "headgate", "samples", "ResilienceExamples.java");

    private final ServiceFactory<Endpoint, HttpExchange, HttpReply> endpoints =
            endpoint -> exchange -> Mono.just(HttpReply.text(200, endpoint.toString()));
    private final Resolver resolver = Resolver.fixed(Endpoint.of("127.0.0.1", 80));

    @Test
    void thePageShowsWhatIsCompiled() throws IOException {
        Matcher compiled =
                Pattern.compile("(?s)// tag::order\\n(.*?)\\n *// end::order").matcher(Files.readString(EXAMPLES));
        assertThat(compiled.find()).isTrue();

        assertThat(Files.readString(PAGE))
                .contains("```java\n" + compiled.group(1).stripIndent() + "\n```");
    }

    @Test
    void thePageShowsTheOrderAsItIsPrinted() throws IOException {
        String service = ResilienceExamples.service(resolver, endpoints).toString();
        String each = ResilienceExamples.each(endpoints, Ejection.create()).toString();

        assertThat(Files.readString(PAGE))
                .contains(service.strip().indent(4))
                .contains(each.strip().indent(4));
    }

    @Test
    void aRequestPassesAllOfIt() {
        RouteTable<String> table = RouteTable.<String>builder()
                .add(Route.of("orders", "orders").withHost("api.example.org"))
                .build();
        Router<String> router = ResilienceExamples.resilient(Flux.just(table), resolver, endpoints);
        HttpExchange exchange = HttpExchange.of(RequestHead.of("GET", "api.example.org", "/orders/1"), Body.empty());

        StepVerifier.create(router.call(exchange).flatMap(reply -> reply.body().asString(100)))
                .expectNext("http://127.0.0.1:80")
                .verifyComplete();
        StepVerifier.create(router.closeAsync(Duration.ZERO)).verifyComplete();
    }
}
