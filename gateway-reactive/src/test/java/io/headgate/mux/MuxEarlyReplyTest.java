package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.HttpReply;
import io.headgate.http.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;

/** Replies that are there before the request is whole, to clients that keep their HTTP/1.1 connection. */
class MuxEarlyReplyTest {

    private static Rig.Builder refusing() {
        return Rig.of(Pair.H1_H1, Path.FUSED).service(rig -> exchange -> {
            exchange.body().discard();
            return Mono.just(HttpReply.text(403, "no"));
        });
    }

    @Test
    void restOfTheRequestIsReadSoThatTheConnectionGoesOn() throws Exception {
        try (Rig rig = refusing().start()) {
            H1Client client = rig.h1();
            ClientCall call = client.post("/", "content-length", "10").send("first");
            ClientCall.Reply reply = call.reply();
            assertThat(reply.status()).isEqualTo(403);
            assertThat(reply.head().get("connection")).isNull();
            call.send("after");
            assertThat(client.get("/").reply().text()).isEqualTo("no");
            ClientCall chunked = client.post("/");
            assertThat(chunked.reply().text()).isEqualTo("no");
            chunked.send("some");
            chunked.end();
            assertThat(client.get("/").reply().text()).isEqualTo("no");
            assertThat(rig.outcomes.await(4)).containsOnly(Outcome.COMPLETE);
        }
    }

    @Test
    void restThatIsTooLongIsNotWaitedFor() throws Exception {
        try (Rig rig = refusing().settings(s -> s.bodyBuffer(1024)).start()) {
            H1Client client = rig.h1();
            ClientCall sized = client.post("/", "content-length", "100000").send("first");
            assertThat(sized.reply().status()).isEqualTo(403);
            assertThat(client.wire.awaitClose()).isTrue();
            H1Client other = rig.h1();
            ClientCall chunked = other.post("/");
            assertThat(chunked.reply().status()).isEqualTo(403);
            chunked.send(new byte[2000]);
            assertThat(other.wire.awaitClose()).isTrue();
            assertThat(rig.outcomes.await(2)).containsOnly(Outcome.COMPLETE);
        }
    }

    @Test
    void restThatDoesNotComeIsNotWaitedForLong() throws Exception {
        try (Rig rig = refusing().settings(s -> s.linger(Duration.ofMillis(50))).start()) {
            H1Client client = rig.h1();
            ClientCall call = client.post("/", "content-length", "10").send("first");
            assertThat(call.reply().status()).isEqualTo(403);
            assertThat(client.wire.awaitClose()).isTrue();
            assertThat(rig.outcomes.await(1)).containsExactly(Outcome.COMPLETE);
        }
    }
}
