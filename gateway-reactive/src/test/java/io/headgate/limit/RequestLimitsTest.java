package io.headgate.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.headgate.GatewayException;
import io.headgate.Service;
import io.headgate.Trait;
import io.headgate.http.Body;
import io.headgate.http.BodyTooLargeException;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedBody;
import io.headgate.test.ScriptedService;
import io.headgate.test.TestExchange;
import io.netty.buffer.ByteBuf;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class RequestLimitsTest {

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final ScriptedService next = ScriptedService.create();

    @AfterEach
    void nothingLeaks() {
        allocator.assertNoLeaks();
    }

    @Test
    void withoutALimitItIsNotThere() {
        assertThat(RequestLimits.create().wrap(next)).isSameAs(next);
    }

    @Test
    void refusesAnAnnouncedBodyBeforeAnyWork() {
        HttpExchange exchange = TestExchange.post("/", Body.of(allocator.utf8("12345")));

        GatewayException refusal = refusal(RequestLimits.create().withBody(4), exchange);

        assertThat(refusal).isInstanceOf(BodyTooLargeException.class);
        assertThat(refusal.status()).isEqualTo(413);
        assertThat(refusal.is(Trait.REJECTED)).isTrue();
        assertThat(refusal).hasMessage("body: too large (expected: at most 4 bytes)");
        exchange.body().discard();
    }

    @Test
    void anAnnouncedBodyWithinTheLimitPassesUntouched() {
        HttpExchange exchange = TestExchange.post("/", Body.of(allocator.utf8("1234")));
        RequestLimits.create().withBody(4).wrap(next).call(exchange).subscribe();

        assertThat(next.onlyCall().exchange()).isSameAs(exchange);
        next.onlyCall().reply(HttpReply.of(204));
    }

    @Test
    void countsABodyOfUnknownLength() {
        ScriptedBody source = ScriptedBody.create();
        Body counted = counted(source, 6);

        StepVerifier.create(counted.doOnNext(ByteBuf::release).map(ByteBuf::readableBytes), 0)
                .thenRequest(1)
                .then(() -> source.emit(allocator.utf8("1234")))
                .expectNext(4)
                .then(() -> assertThat(source.requested()).isEqualTo(1))
                .thenRequest(1)
                .then(() -> source.emit(allocator.utf8("56")))
                .expectNext(2)
                .then(() -> source.complete(Fields.of("x-sum", "1")))
                .verifyComplete();
        assertThat(counted.trailers().block()).isEqualTo(Fields.of("x-sum", "1"));
    }

    @Test
    void cutsABodyAtTheFirstByteTooMany() {
        ScriptedBody source = ScriptedBody.create();
        Body counted = counted(source, 6);

        StepVerifier.create(counted.doOnNext(ByteBuf::release).map(ByteBuf::readableBytes))
                .then(() -> source.emit(allocator.utf8("1234")))
                .expectNext(4)
                .then(() -> source.emit(allocator.utf8("567")).emit(allocator.utf8("8")))
                .verifyErrorSatisfies(error -> assertThat(error)
                        .isInstanceOfSatisfying(BodyTooLargeException.class, e -> {
                            assertThat(e.status()).isEqualTo(413);
                            assertThat(e.is(Trait.REJECTED)).isFalse();
                        }));
        assertThat(source.end()).isEqualTo(ScriptedBody.End.CANCELLED);
        assertThat(source.cancels()).isEqualTo(1);
    }

    @Test
    void whatGoesThroughATunnelIsNotCounted() {
        ScriptedBody frames = ScriptedBody.create();
        HttpExchange exchange = HttpExchange.of(RequestHead.of("GET", "a", "/").withUpgrade("websocket"), frames);
        RequestLimits.create().withBody(1).wrap(next).call(exchange).subscribe();

        assertThat(next.onlyCall().exchange()).isSameAs(exchange);
    }

    @Test
    void anErrorOfTheBodyPasses() {
        ScriptedBody source = ScriptedBody.create();
        IllegalStateException failure = new IllegalStateException("made by the test");

        StepVerifier.create(counted(source, 6))
                .then(() -> source.fail(failure))
                .verifyErrorMatches(error -> error == failure);
    }

    @Test
    void discardingTheCountedBodyDiscardsItsSource() {
        ScriptedBody source = ScriptedBody.create();
        source.emit(allocator.utf8("unread"));
        counted(source, 100).discard();

        assertThat(source.end()).isEqualTo(ScriptedBody.End.DISCARDED);
    }

    @Test
    void refusesLongTargets() {
        RequestLimits limits = RequestLimits.create().withTarget(5);

        assertPasses(limits, TestExchange.get("/1234"));
        GatewayException refusal = refusal(limits, TestExchange.get("/12345"));
        assertThat(refusal.status()).isEqualTo(414);
        assertThat(refusal).hasMessage("target: 6 bytes (expected: at most 5 bytes)");
    }

    @Test
    void refusesTooManyOrTooLargeFields() {
        HttpExchange two = HttpExchange.of(
                RequestHead.of("GET", "a", "/").withFields(Fields.of("a", "12", "b", "345")), Body.empty());

        assertPasses(RequestLimits.create().withFields(2).withHead(71), two);
        assertThat(refusal(RequestLimits.create().withFields(1), two))
                .hasMessage("header fields: 2 fields (expected: at most 1 fields)")
                .satisfies(e -> assertThat(((GatewayException) e).status()).isEqualTo(431));
        assertThat(refusal(RequestLimits.create().withHead(70), two))
                .hasMessage("header fields: 71 bytes (expected: at most 70 bytes)");
    }

    @Test
    void refusesLimitsThatAreNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RequestLimits.create().withBody(-1));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RequestLimits.create().withTarget(0));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RequestLimits.create().withFields(-1));
    }

    private Body counted(Body source, long most) {
        RequestLimits.create()
                .withBody(most)
                .wrap(next)
                .call(TestExchange.post("/", source))
                .subscribe();
        return next.onlyCall().exchange().body();
    }

    private void assertPasses(RequestLimits limits, HttpExchange exchange) {
        Service<HttpExchange, HttpReply> ok = given -> Mono.just(HttpReply.of(204));
        assertThat(limits.wrap(ok).call(exchange).block().status()).isEqualTo(204);
    }

    private GatewayException refusal(RequestLimits limits, HttpExchange exchange) {
        GatewayException[] refusal = new GatewayException[1];
        limits.wrap(next)
                .call(exchange)
                .doOnError(e -> refusal[0] = (GatewayException) e)
                .onErrorComplete()
                .block();
        assertThat(next.calls()).isEmpty();
        return refusal[0];
    }
}
