package io.headgate.rewrite;

import static io.headgate.forward.From.below;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.GatewayException;
import io.headgate.Stage;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.test.ScriptedBody;
import io.headgate.test.ScriptedService;
import io.headgate.test.TestExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import reactor.test.StepVerifier;

class FieldEditsTest {

    private final HttpExchange exchange = HttpExchange.of(
            RequestHead.of("GET", "shop.example", "/a").withFields(Fields.of("A", "1", "b", "2", "a", "3")),
            Body.empty());

    @Test
    void editsRequestsInOrder() {
        FieldEdits edits = FieldEdits.create()
                .set("a", "4")
                .add("a", "5")
                .remove("b")
                .set("path", seen -> seen.head().path())
                .set("none", seen -> null);

        assertThat(below(edits.onRequests(), exchange).head().fields())
                .isEqualTo(Fields.of("a", "4", "a", "5", "path", "/a"));
        assertThat(exchange.head().fields().size()).isEqualTo(3);
    }

    @Test
    void editsReplies() {
        HttpReply upstream = HttpReply.of(200, Fields.of("server", "x", "etag", "y"), Body.empty());
        ScriptedService next = ScriptedService.create();

        StepVerifier.create(FieldEdits.create()
                        .remove("server")
                        .set("x-for", seen -> seen.head().authority())
                        .onReplies()
                        .wrap(next)
                        .call(exchange))
                .then(() -> next.onlyCall().reply(upstream))
                .assertNext(
                        reply -> assertThat(reply.fields()).isEqualTo(Fields.of("etag", "y", "x-for", "shop.example")))
                .verifyComplete();
    }

    @Test
    void noEditIsNoStage() {
        assertThat(FieldEdits.create().onRequests()).isSameAs(Stage.identity());
        assertThat(FieldEdits.create().onReplies()).isSameAs(Stage.identity());
        assertThat(below(FieldEdits.create().remove("c").onRequests(), exchange))
                .isSameAs(exchange);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "host",
                "Content-Length",
                "transfer-encoding",
                "connection",
                "Keep-Alive",
                "te",
                "trailer",
                "upgrade",
                "proxy-connection",
                "http2-settings",
                "expect",
                "proxy",
                "",
                "a b",
                "a:b",
                ":path",
                "a\r\nb"
            })
    void refusesNamesThatAreNotForStages(String name) {
        FieldEdits edits = FieldEdits.create();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> edits.set(name, "x"))
                .withMessageStartingWith("field name: ");
        assertThatIllegalArgumentException().isThrownBy(() -> edits.set(name, seen -> "x"));
        assertThatIllegalArgumentException().isThrownBy(() -> edits.add(name, "x"));
        assertThatIllegalArgumentException().isThrownBy(() -> edits.remove(name));
    }

    @Test
    void refusesConstantValuesThatAreNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FieldEdits.create().set("a", "b\r\nc: d"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FieldEdits.create().add("a", "\0"));
    }

    @Test
    void aValueMadeOfTheRequestCannotEndTheField() {
        FieldEdits edits = FieldEdits.create().set("a", seen -> "b\r\nc: d");

        assertThatThrownBy(() -> below(edits.onRequests(), exchange))
                .isInstanceOfSatisfying(
                        GatewayException.class, e -> assertThat(e.status()).isEqualTo(400));
    }

    @Test
    void aReplyThatCannotBeEditedIsDiscarded() {
        ScriptedService next = ScriptedService.create();
        ScriptedBody body = ScriptedBody.create();

        StepVerifier.create(FieldEdits.create()
                        .set("a", seen -> "\r\n")
                        .onReplies()
                        .wrap(next)
                        .call(TestExchange.get("/")))
                .then(() -> next.onlyCall().reply(HttpReply.of(200, Fields.empty(), body)))
                .verifyError(GatewayException.class);
        assertThat(body.end()).isEqualTo(ScriptedBody.End.DISCARDED);
    }
}
