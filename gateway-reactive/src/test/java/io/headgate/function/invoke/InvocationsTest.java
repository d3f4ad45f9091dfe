package io.headgate.function.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Body;
import io.headgate.http.BodyTooLargeException;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.test.ScriptedBody;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.Disposable;
import reactor.core.publisher.Sinks;

/** Direct calls and calls of triggers: fields both ways, failures, bounds. */
class InvocationsTest extends InvocationsTestBase {

    // ---- direct calls

    @Test
    void aDirectCallPassesFieldsBothWaysButThoseOfTheConnection() {
        script.answer = Fields.of(
                "x-reply", "1", "Fn-Http-Status", "404", "fn-call-id", "forged", "keep-alive", "5", "trailer", "x");
        HttpReply reply = direct(
                Fields.of(
                        "x-a",
                        "1",
                        "X-A",
                        "2",
                        "te",
                        "gzip",
                        "upgrade",
                        "h2c",
                        "proxy-authorization",
                        "p",
                        "fn-intent",
                        "mine",
                        "connection",
                        "x-secret",
                        "x-secret",
                        "s",
                        "content-length",
                        "2"),
                "in");

        assertThat(script.fields()).isEqualTo(Fields.of("x-a", "1", "X-A", "2", "fn-intent", "mine"));
        assertThat(script.payload).isEqualTo("in");
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.fields())
                .isEqualTo(Fields.of("Fn-Call-Id", script.id(), "x-reply", "1", "Fn-Http-Status", "404"));
        assertThat(text(reply)).isEqualTo("out");
    }

    @Test
    void trailersMayBeAskedFor() {
        text(direct(Fields.of("te", "trailers"), ""));
        assertThat(script.fields().get("te")).isEqualTo("trailers");
    }

    @Test
    void aDirectCallIsAPost() {
        HttpReply reply = call("GET", "/invoke/" + fn.id(), Fields.empty(), "");
        assertThat(reply.fields().get("allow")).isEqualTo("POST");
        isError(reply, 405);
    }

    @Test
    void whatIsNotThereIsNotFound() {
        isError(call("POST", "/invoke/none", Fields.empty(), "left"), 404);
        isError(call("POST", "/invoke/", Fields.empty(), ""), 404);
        isError(call("POST", "/invoke/" + fn.id() + "/more", Fields.empty(), ""), 404);
        isError(call("GET", "/t/none/x", Fields.empty(), ""), 404);
        isError(call("GET", "/t/shop/x", Fields.empty(), ""), 404);
        isError(call("GET", "/t//x", Fields.empty(), ""), 404);
        isError(call("GET", "/else", Fields.empty(), ""), 404);
        isError(call("GET", "/t/%ff/x", Fields.empty(), ""), 400);
        assertThat(script.calls).isEmpty();
    }

    // ---- triggers

    @Test
    void aTriggerTellsTheRequestAsAWhole() {
        trigger("/orders");
        HttpReply reply = call(
                "PUT",
                "/t/shop/orders?a=b",
                Fields.of(
                        "content-type",
                        "text/plain",
                        "x-two-words",
                        "1",
                        "X-TWO-WORDS",
                        "2",
                        "fn-http-h-evil",
                        "e",
                        "fn-intent",
                        "evil",
                        "keep-alive",
                        "5"),
                "in");

        assertThat(script.fields())
                .isEqualTo(Fields.of(
                        "Fn-Intent", "httprequest",
                        "Fn-Http-Method", "PUT",
                        "Fn-Http-Request-Url", "http://shop.example:8080/t/shop/orders?a=b",
                        "Content-Type", "text/plain",
                        "Fn-Http-H-X-Two-Words", "1",
                        "Fn-Http-H-X-Two-Words", "2",
                        "Fn-Http-H-Fn-Http-H-Evil", "e",
                        "Fn-Http-H-Fn-Intent", "evil"));
        assertThat(script.fields().name(4)).hasToString("Fn-Http-H-X-Two-Words");
        assertThat(text(reply)).isEqualTo("out");
    }

    @Test
    void theClientOfATriggerSeesWhatTheFunctionPrefixed() {
        trigger("/orders");
        script.answer = Fields.of(
                "Fn-Http-Status",
                "202",
                "Content-Type",
                "text/css",
                "Fn-Http-H-X-Foo",
                "1",
                "fn-http-h-x-foo",
                "2",
                "X-Hidden",
                "1",
                "Fn-Fdk-Version",
                "1",
                "Fn-Http-H-Transfer-Encoding",
                "chunked",
                "Fn-Http-H-Content-Length",
                "99",
                "Fn-Http-H-Content-Type",
                "text/evil",
                "Fn-Http-H-Fn-Call-Id",
                "evil",
                "Fn-Http-H-",
                "nothing");
        HttpReply reply = call("GET", "/t/shop/orders", Fields.empty(), "");

        assertThat(reply.status()).isEqualTo(202);
        assertThat(reply.fields())
                .isEqualTo(
                        Fields.of("Fn-Call-Id", script.id(), "Content-Type", "text/css", "X-Foo", "1", "x-foo", "2"));
        assertThat(text(reply)).isEqualTo("out");
    }

    @Test
    void aStatusThatIsNoNumberIsNone() {
        trigger("/orders");
        for (String status : List.of("abc", "0", "-5", "", "99999999999")) {
            script.answer = Fields.of("Fn-Http-Status", status);
            HttpReply reply = call("GET", "/t/shop/orders", Fields.empty(), "");
            assertThat(reply.status()).isEqualTo(200);
            reply.discard();
        }
        script.answer = Fields.of("Fn-Http-Status", "101");
        isError(call("GET", "/t/shop/orders", Fields.empty(), ""), 502);
    }

    @Test
    void anAppAloneIsItsRoot() {
        trigger("/");
        text(call("GET", "/t/shop", Fields.empty(), ""));
        text(call("GET", "/t/shop/", Fields.empty(), ""));
        text(call("GET", "/t/shop?x=/y", Fields.empty(), ""));
        assertThat(script.calls).hasSize(3);
    }

    @Test
    void parametersOfThePathAreFields() {
        trigger("/orders/{order-id}");
        text(call("GET", "/t/shop/orders/7", Fields.of("fn-http-param-order-id", "8"), ""));
        assertThat(script.fields().all("Fn-Http-Param-Order-Id")).containsExactly("7");
    }

    // ---- failures

    @Test
    void failuresCarryTheIdOfTheCall() {
        script.failure = new FunctionException(ErrorKind.TIMED_OUT, "too late");
        HttpReply reply = direct(Fields.empty(), "in");
        assertThat(reply.fields().get("fn-call-id")).isEqualTo(script.id());
        isError(reply, 504);
        script.failure = new IllegalStateException("secret");
        HttpReply masked = direct(Fields.empty(), "in");
        assertThat(masked.status()).isEqualTo(500);
        assertThat(text(masked)).doesNotContain("secret");
    }

    @Test
    void aFailureAtTheEndStillChangesTheStatus() {
        ScriptedBody body = ScriptedBody.create();
        script.output = body;
        body.emit(allocator.utf8("begin")).fail(new FunctionException(ErrorKind.FUNCTION_FAILED, "cut"));
        isError(direct(Fields.empty(), ""), 502);
    }

    @Test
    void aClientThatLeavesBeforeItsRequestIsThereHasMadeACallThatWasDropped() {
        for (Fields way : List.of(Fields.empty(), Fields.of("fn-invoke-type", "detached"))) {
            ScriptedBody half = ScriptedBody.create().emit(allocator.utf8("ha"));
            RequestHead head = RequestHead.of("POST", "a", "/invoke/" + fn.id()).withFields(way);
            Disposable client = service(InvocationSettings.DEFAULTS)
                    .call(HttpExchange.of(head, half))
                    .subscribe();
            assertThat(script.dropped).isEmpty();
            client.dispose();

            assertThat(half.cancels()).isOne();
            assertThat(script.calls).isEmpty();
            assertThat(script.dropped).hasSize(1);
            assertThat(script.whyDropped).isNull();
            assertThat(script.dropped.remove(0).fn()).isEqualTo(fn);
        }
    }

    @Test
    void aClientThatLeavesLaterIsToldByTheRunAlone() {
        script.start = Sinks.empty();
        ScriptedBody body = ScriptedBody.create().emit(allocator.utf8("whole"));
        body.complete();
        RequestHead head = RequestHead.of("POST", "a", "/invoke/" + fn.id());
        Disposable client = service(InvocationSettings.DEFAULTS)
                .call(HttpExchange.of(head, body))
                .subscribe();
        client.dispose();

        assertThat(script.cancels).isOne();
        assertThat(script.dropped).isEmpty();
        script.last().payload().discard();
    }

    @Test
    void aRequestOfAnAsynchronousCallThatDoesNotComeWholeIsNoCall() {
        RequestHead head =
                RequestHead.of("POST", "a", "/invoke/" + fn.id()).withFields(Fields.of("fn-invoke-type", "async"));
        service(InvocationSettings.DEFAULTS)
                .call(HttpExchange.of(head, ScriptedBody.create()))
                .subscribe()
                .dispose();
        assertThat(script.dropped).isEmpty();
    }

    @Test
    void aRequestBeyondTheBoundIsTooLarge() {
        InvocationSettings small = InvocationSettings.DEFAULTS.withMaxRequestBytes(4);
        isError(call(small, "POST", "/invoke/" + fn.id(), Fields.empty(), "12345"), 413);
        ScriptedBody unknown = ScriptedBody.create().emit(allocator.utf8("123")).emit(allocator.utf8("45"));
        RequestHead head = RequestHead.of("POST", "a", "/invoke/" + fn.id());
        isError(service(small).call(HttpExchange.of(head, unknown)).block(LONG), 413);
        assertThat(script.dropped).as("told to observers of calls").hasSize(2);
        assertThat(script.whyDropped).isInstanceOf(BodyTooLargeException.class);
        assertThat(script.calls).isEmpty();
    }

    @Test
    void aReplyBeyondTheBoundIsAFailureOfTheFunction() {
        script.output = Body.of(allocator.utf8("12345"));
        InvocationSettings small = InvocationSettings.DEFAULTS.withMaxReplyBytes(4);
        isError(call(small, "POST", "/invoke/" + fn.id(), Fields.empty(), ""), 502);
    }
}
