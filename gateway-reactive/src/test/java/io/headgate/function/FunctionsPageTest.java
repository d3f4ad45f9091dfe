package io.headgate.function;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.dispatch.DispatchSettings;
import io.headgate.function.dispatch.MachineBudget;
import io.headgate.function.driver.local.LocalDriver;
import io.headgate.function.driver.local.LocalFunction;
import io.headgate.function.driver.process.ProcessDriver;
import io.headgate.function.driver.process.ProcessDriverSpec;
import io.headgate.function.model.App;
import io.headgate.function.model.Fn;
import io.headgate.function.model.Trigger;
import io.headgate.function.r2dbc.Database;
import io.headgate.function.r2dbc.R2dbcCallStore;
import io.headgate.function.r2dbc.R2dbcFunctionStore;
import io.headgate.function.store.FunctionStore;
import io.headgate.gateway.Gateway;
import io.headgate.gateway.Listener;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** The examples of docs/functions.md: they are this code, and it does what the page says. */
class FunctionsPageTest {

    private static final Path PAGE = Path.of("..", "docs", "functions.md");
    private static final Path SOURCE =
            Path.of("src", "test", "java", "io", "headgate", "function", "FunctionsPageTest.java");

    @Test
    void aServerOfFunctions() throws Exception {
        Gateway gateway = Gateway.create();
        int port = 0;

        Database database =
                Database.open("h2:mem:").block(); // or h2:file:PATH, or postgresql://USER:PASSWORD@HOST/NAME
        LocalDriver here = LocalDriver.builder()
                .function("java:upper", LocalFunction.ofText(text -> text.toUpperCase(Locale.ROOT)))
                .build();
        Functions functions = Functions.builder(
                        new R2dbcFunctionStore(database, Clock.systemUTC()),
                        DispatchSettings.of(MachineBudget.detect()))
                .calls(new R2dbcCallStore(database)) // for asynchronous calls
                .agent(agent -> agent.driver(here))
                .open()
                .block();
        Listener listener = gateway.listen("127.0.0.1", port, functions).block(); // 8080 as a rule

        FunctionStore store = functions.store();
        App app = store.createApp(App.named("texts")).block();
        Fn upper = store.createFn(Fn.of(app.id(), "upper", "java:upper")).block();
        store.createTrigger(Trigger.of(app.id(), upper.id(), "upper", "/upper")).block();

        String url = "http://127.0.0.1:" + listener.port();
        assertThat(post(url + "/invoke/" + upper.id()).body()).isEqualTo("HELLO");
        assertThat(post(url + "/t/texts/upper").body()).isEqualTo("HELLO");
        HttpResponse<String> accepted = post(url + "/invoke/" + upper.id(), "fn-invoke-type", "async");
        assertThat(accepted.statusCode()).isEqualTo(202);
        assertThat(accepted.body()).contains("call_id");

        gateway.drain(Duration.ofSeconds(10)).blockLast();
        functions.closeAsync(Duration.ofSeconds(30)).block();
        database.close().block();

        assertThat(functions.stats().memoryBytes()).isZero();
    }

    private static HttpResponse<String> post(String url, String... headers) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url)).POST(BodyPublishers.ofString("hello"));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());
    }

    /** What it runs is tested with the driver; here it is enough that it is made as shown. */
    @Test
    void functionsInOtherLanguages() {
        Mono<ProcessDriver> processes =
                ProcessDriver.open(ProcessDriverSpec.DEFAULTS.withNodeRoot(Path.of("/srv/functions")));

        ProcessDriver driver = processes.block();

        assertThat(driver.runs("node:hello")).isTrue();
        assertThat(driver.runs("java:upper")).isFalse();
        driver.close().block();
    }

    @Test
    void thePageShowsThisCode() throws IOException {
        String code = squeezed(Files.readString(SOURCE));
        List<String> shown = Pattern.compile("(?s)```java\\n(.*?)```")
                .matcher(Files.readString(PAGE))
                .results()
                .map(found -> squeezed(found.group(1)))
                .toList();
        assertThat(shown).hasSize(4).allSatisfy(example -> assertThat(code).contains(example));
    }

    private static String squeezed(String code) {
        return code.replaceAll("\\s+", "");
    }
}
