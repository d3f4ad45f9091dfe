package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.Service;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.Outcome;
import io.headgate.mux.ClientCall.Reply;
import io.headgate.mux.Content.Ending;
import java.time.Duration;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Exchanges whose deadline a stage has set, on the wire. */
class MuxDeadlineTest {

    /** What is to happen before is given time for, also where many run at once. */
    private static final Duration SHORT = Duration.ofMillis(300);

    private static Function<Rig, Service<HttpExchange, HttpReply>> within(Duration time) {
        return rig -> {
            Service<HttpExchange, HttpReply> next = rig.path.through(rig.gateway.upstream(rig.upstream.url()));
            return exchange -> next.call(exchange.withDeadline(Deadline.after(time)));
        };
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void upstreamThatDoesNotAnswerBeforeTheDeadlineIs504(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path).service(within(SHORT)).start()) {
            Client client = rig.client();
            ClientCall call = client.post("/").send("x");
            call.end();
            UpstreamCall up = rig.take();
            assertThat(up.request.get("grpc-timeout")).isNull();
            Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(504);
            assertThat(reply.text()).contains("deadline exceeded");
            up.awaitCancel();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
            assertThat(rig.outcomes.exchanges.get(0).cause).isInstanceOf(DeadlineException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void replyThatIsNotWholeBeforeTheDeadlineIsCut(Pair pair, Path path) throws Exception {
        try (Rig rig =
                Rig.of(pair, path).service(within(Duration.ofMillis(600))).start()) {
            ClientCall call = rig.client().get("/");
            UpstreamCall up = rig.take();
            up.head(200, false).send("some");
            call.head();
            Content content = call.body().rest();
            assertThat(content.text()).isEqualTo("some");
            assertThat(content.ending()).isEqualTo(pair.h1Front() ? Ending.CLOSED : Ending.RESET);
            assertThat(content.code()).isEqualTo(pair.h1Front() ? -1 : H2Wire.CANCEL);
            up.awaitCancel();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.FAILED);
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void deadlineThatHasPassedReachesNoUpstream(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path).service(within(Duration.ZERO)).start()) {
            Client client = rig.client();
            assertThat(client.get("/").reply().status()).isEqualTo(504);
            assertThat(rig.upstream.connections).hasValue(0);
            assertThat(client.get("/").reply().status()).isEqualTo(504); // and the connection goes on
        }
    }

    @ParameterizedTest
    @MethodSource("io.headgate.mux.Rig#everyWay")
    void deadlineEndsTheWaitForAConnection(Pair pair, Path path) throws Exception {
        try (Rig rig = Rig.of(pair, path)
                .settings(s -> s.maxConnections(1))
                .service(rig1 -> {
                    var next = rig1.path.through(rig1.gateway.upstream(rig1.upstream.url()));
                    return exchange -> next.call(
                            exchange.head().target().equals("/waits")
                                    ? exchange.withDeadline(Deadline.after(SHORT))
                                    : exchange);
                })
                .start()) {
            if (!pair.h1Back()) {
                rig.h2Upstream().settings = new int[] {3, 1};
            }
            ClientCall served = rig.client().get("/");
            UpstreamCall up = rig.take();
            up.head(200, false).send("so");
            served.head();
            assertThat(rig.client().get("/waits").reply().status()).isEqualTo(504);
            up.send("me").end();
            assertThat(served.body().rest().text()).isEqualTo("some");
            assertThat(rig.upstream.requests).hasValue(1);
        }
    }
}
