package io.headgate.breaker;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.GatewayException;
import io.headgate.Role;
import io.headgate.Service;
import io.headgate.Stack;
import io.headgate.Trait;
import io.headgate.classify.Classification;
import io.headgate.classify.Classifier;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RefusedException;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.mux.UpstreamException;
import io.headgate.mux.UpstreamException.Failure;
import io.headgate.test.ScriptedBody;
import io.headgate.test.ScriptedService;
import io.headgate.test.TestExchange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class CircuitBreakerTest {

    private static final BreakerSettings ONE = BreakerSettings.DEFAULTS.withConsecutiveFailures(1);

    private final HandClock clock = new HandClock();
    private final ScriptedService next = ScriptedService.create();

    private CircuitBreaker breaker(BreakerSettings settings) {
        return CircuitBreaker.of(settings).withClock(clock).withDice(() -> 0);
    }

    private static HttpExchange grpc() {
        return HttpExchange.of(
                RequestHead.of("POST", "a", "/s/m").withFields(Fields.of("content-type", "application/grpc")),
                Body.empty());
    }

    private ScriptedService.Call lastCall() {
        return next.calls().get(next.calls().size() - 1);
    }

    private Disposable start(Service<HttpExchange, HttpReply> service, HttpExchange exchange) {
        return service.call(exchange).subscribe(reply -> {}, error -> {});
    }

    @Test
    void withoutAReasonToOpenItIsNotThere() {
        assertThat(CircuitBreaker.of(BreakerSettings.DEFAULTS.withConsecutiveFailures(0))
                        .wrap(next))
                .isSameAs(next);
    }

    @Test
    void refusesWhileOpenAndSaysSo() {
        CircuitBreaker breaker = breaker(BreakerSettings.DEFAULTS);
        Service<HttpExchange, HttpReply> service = breaker.wrap(next);
        for (int i = 0; i < 7; i++) {
            assertThat(service.status()).isEqualTo(Service.Status.OPEN);
            start(service, TestExchange.get("/"));
            lastCall().reply(HttpReply.of(500));
        }
        assertThat(service.status()).isEqualTo(Service.Status.BUSY);
        StepVerifier.create(service.call(TestExchange.get("/")))
                .verifyErrorSatisfies(error -> assertThat(error)
                        .isInstanceOfSatisfying(BreakerOpenException.class, refusal -> {
                            assertThat(refusal.status()).isEqualTo(503);
                            assertThat(refusal.traits())
                                    .containsExactlyInAnyOrder(Trait.RETRYABLE, Trait.REJECTED, Trait.ELSEWHERE);
                            assertThat(refusal.getStackTrace()).isEmpty();
                            assertThat(refusal).hasMessage("circuit breaker: open (expected: closed)");
                        }));
        assertThat(next.calls()).hasSize(7);
    }

    @Test
    void aClosedServiceIsClosedWhateverTheBreaker() {
        Service<HttpExchange, HttpReply> service = breaker(ONE).wrap(next);
        start(service, TestExchange.get("/"));
        lastCall().reply(HttpReply.of(500));
        next.status(Service.Status.CLOSED);

        assertThat(service.status()).isEqualTo(Service.Status.CLOSED);
    }

    @Test
    void ofThoseWhoSawItOpenOneCallsAndTheOthersAreRefused() {
        CircuitBreaker breaker = breaker(ONE);
        Service<HttpExchange, HttpReply> service = breaker.wrap(next);
        start(service, TestExchange.get("/"));
        lastCall().reply(HttpReply.of(500));
        clock.advanceMillis(1000);
        assertThat(service.status()).isEqualTo(Service.Status.OPEN);
        assertThat(service.status()).isEqualTo(Service.Status.OPEN);
        Mono<HttpReply> described = service.call(TestExchange.get("/"));
        assertThat(service.status()).as("before the call begins").isEqualTo(Service.Status.OPEN);
        described.subscribe();
        assertThat(service.status()).isEqualTo(Service.Status.BUSY);
        StepVerifier.create(service.call(TestExchange.get("/"))).verifyError(BreakerOpenException.class);
        assertThat(next.calls()).hasSize(2);
        lastCall().reply(HttpReply.of(204));

        assertThat(service.status()).isEqualTo(Service.Status.OPEN);
        assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
    }

    @ParameterizedTest
    @CsvSource({"200, CLOSED", "404, CLOSED", "429, CLOSED", "500, OPEN", "503, OPEN"})
    void judgesByStatus(int status, BreakerState expected) {
        CircuitBreaker breaker = breaker(ONE);
        start(breaker.wrap(next), TestExchange.get("/"));
        lastCall().reply(HttpReply.of(status));

        assertThat(breaker.state()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"0, CLOSED", "5, CLOSED", "8, CLOSED", "13, OPEN", "14, OPEN"})
    void judgesByTheGrpcStatusInTrailers(String status, BreakerState expected) {
        CircuitBreaker breaker = breaker(ONE);
        breaker.wrap(next).call(grpc()).flatMapMany(HttpReply::body).subscribe(buffer -> buffer.release());
        ScriptedBody body = lastCall().reply(200, Fields.of("content-type", "application/grpc"));
        assertThat(breaker.state()).as("before the end").isEqualTo(BreakerState.CLOSED);
        body.complete(Fields.of("grpc-status", status));

        assertThat(breaker.state()).isEqualTo(expected);
    }

    @Test
    void limitedCallsCountForTheShare() {
        CircuitBreaker breaker = breaker(ONE.withFailureShare(0.5, 2, Duration.ofSeconds(10)));
        Service<HttpExchange, HttpReply> service = breaker.wrap(next);
        start(service, TestExchange.get("/"));
        lastCall().reply(HttpReply.of(429));
        start(service, grpc());
        lastCall().reply(HttpReply.of(200, Fields.of("grpc-status", "8"), Body.empty()));

        assertThat(breaker.state()).isEqualTo(BreakerState.OPEN);
    }

    @Test
    void judgesByTheClassifierOfTheExchange() {
        Classifier teapots = new Classifier() {
            @Override
            public Classification atHead(RequestHead request, ReplyHead reply) {
                return Classification.of(reply.status() != 418);
            }

            @Override
            public Classification atEnd(RequestHead request, ReplyHead reply, Fields trailers) {
                return atHead(request, reply);
            }
        };
        CircuitBreaker breaker = breaker(ONE);
        Service<HttpExchange, HttpReply> service = breaker.wrap(next);
        start(service, TestExchange.get("/").withAttribute(Classifier.KEY, teapots));
        lastCall().reply(HttpReply.of(500));
        assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
        start(service, TestExchange.get("/").withAttribute(Classifier.KEY, teapots));
        lastCall().reply(HttpReply.of(418));

        assertThat(breaker.state()).isEqualTo(BreakerState.OPEN);
    }

    @Test
    void aReplyThatIsCutShortIsAFailure() {
        CircuitBreaker breaker = breaker(ONE);
        breaker.wrap(next)
                .call(TestExchange.get("/"))
                .flatMapMany(HttpReply::body)
                .subscribe(buffer -> buffer.release(), error -> {});
        ScriptedBody body = lastCall().reply(200, Fields.empty());
        body.fail(UpstreamException.of(Failure.LOST, null));

        assertThat(breaker.state()).isEqualTo(BreakerState.OPEN);
    }

    @Test
    void failuresWithoutAReplyCountUnlessTheEndpointHadNoPartInThem() {
        CircuitBreaker breaker = breaker(ONE);
        Service<HttpExchange, HttpReply> service = breaker.wrap(next);
        for (GatewayException innocent : new GatewayException[] {
            UpstreamException.unprocessed(Failure.OVERLOADED, null), new RefusedException(413, "body: too large")
        }) {
            start(service, TestExchange.get("/"));
            lastCall().fail(innocent);
            assertThat(breaker.state()).as(innocent.toString()).isEqualTo(BreakerState.CLOSED);
        }
        start(service, TestExchange.get("/"));
        lastCall().fail(UpstreamException.unprocessed(Failure.CONNECT, null));

        assertThat(breaker.state()).isEqualTo(BreakerState.OPEN);
    }

    @Test
    void cancelledCallsCountNeitherWay() {
        CircuitBreaker breaker = breaker(BreakerSettings.DEFAULTS.withConsecutiveFailures(2));
        Service<HttpExchange, HttpReply> service = breaker.wrap(next);
        start(service, TestExchange.get("/"));
        lastCall().reply(HttpReply.of(500));
        start(service, TestExchange.get("/")).dispose();
        service.call(TestExchange.get("/")).subscribe(HttpReply::discard);
        lastCall().reply(200, Fields.empty());
        assertThat(breaker.stats().consecutiveFailures()).isEqualTo(1);
        start(service, TestExchange.get("/"));
        lastCall().reply(HttpReply.of(500));

        assertThat(breaker.state()).isEqualTo(BreakerState.OPEN);
    }

    @Test
    void aCancelledProbeLeavesItsPlaceToTheNext() {
        CircuitBreaker breaker = breaker(ONE);
        Service<HttpExchange, HttpReply> service = breaker.wrap(next);
        start(service, TestExchange.get("/"));
        lastCall().reply(HttpReply.of(500));
        clock.advanceMillis(1000);
        Disposable probe = start(service, TestExchange.get("/"));
        assertThat(service.status()).isEqualTo(Service.Status.BUSY);
        probe.dispose();
        assertThat(service.status()).isEqualTo(Service.Status.OPEN);
        start(service, TestExchange.get("/"));
        lastCall().reply(HttpReply.of(204));

        assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
    }

    @Test
    void aCallThatIsGivenUpAtItsDeadlineIsAFailure() {
        CircuitBreaker breaker = breaker(ONE.withTimeoutFloor(Duration.ofMillis(1)));
        Deadline deadline = Deadline.after(Duration.ofMillis(50));
        Disposable call = start(breaker.wrap(next), TestExchange.get("/").withDeadline(deadline));
        Awaitility.await().until(deadline::isExpired);
        call.dispose();

        assertThat(breaker.state()).isEqualTo(BreakerState.OPEN);
    }

    @Test
    void aDeadlineThatNobodyCanMeetSaysNothing() {
        CircuitBreaker breaker = breaker(ONE);
        Deadline deadline = Deadline.after(Duration.ofMillis(5));
        Disposable call = start(breaker.wrap(next), TestExchange.get("/").withDeadline(deadline));
        Awaitility.await().until(deadline::isExpired);
        call.dispose();

        assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
        assertThat(breaker.stats().consecutiveFailures()).isZero();
    }

    @Test
    void aTunnelCountsWhenItIsOpened() {
        CircuitBreaker breaker = breaker(ONE);
        Service<HttpExchange, HttpReply> service = breaker.wrap(next);
        start(service, TestExchange.get("/"));
        lastCall().reply(HttpReply.of(500));
        clock.advanceMillis(1000);
        HttpExchange upgrade = HttpExchange.of(RequestHead.of("GET", "a", "/").withUpgrade("websocket"), Body.empty());
        service.call(upgrade).flatMapMany(HttpReply::body).subscribe(buffer -> buffer.release(), error -> {});
        ScriptedBody tunnel = lastCall().reply(101, Fields.empty());
        assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
        tunnel.fail(UpstreamException.of(Failure.LOST, null));

        assertThat(breaker.state()).as("what comes of the tunnel").isEqualTo(BreakerState.CLOSED);
    }

    @Test
    void tellsItsListener() {
        List<String> told = new ArrayList<>();
        CircuitBreaker breaker = breaker(ONE).withListener((from, to) -> told.add(from + ">" + to));
        Service<HttpExchange, HttpReply> service = breaker.wrap(next);
        start(service, TestExchange.get("/"));
        lastCall().reply(HttpReply.of(500));
        clock.advanceMillis(1000);
        start(service, TestExchange.get("/"));
        lastCall().reply(HttpReply.of(204));

        assertThat(told).containsExactly("CLOSED>OPEN", "OPEN>HALF_OPEN", "HALF_OPEN>CLOSED");
    }

    @Test
    void eachTargetOfAStackHasItsOwn() {
        Stack<String, HttpExchange, HttpReply> stack = Stack.<String, HttpExchange, HttpReply>of(
                        target -> exchange -> Mono.just(HttpReply.of(target.equals("bad") ? 500 : 204)))
                .pushFor(Role.of("breaker"), "above the endpoint alone", target -> breaker(ONE));
        Service<HttpExchange, HttpReply> good = stack.make("good");
        Service<HttpExchange, HttpReply> bad = stack.make("bad");
        bad.call(TestExchange.get("/")).block();

        assertThat(bad.status()).isEqualTo(Service.Status.BUSY);
        assertThat(good.status()).isEqualTo(Service.Status.OPEN);
        assertThat(good.describe()).contains("breaker");
    }
}
