package io.headgate.rpc.bridge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.headgate.Attributes;
import io.headgate.Deadline;
import io.headgate.Key;
import io.headgate.Service;
import io.headgate.Service.Status;
import io.headgate.Stage;
import io.headgate.Trait;
import io.headgate.balance.Balancer;
import io.headgate.balance.BalancerSettings;
import io.headgate.balance.Strategy;
import io.headgate.breaker.BreakerSettings;
import io.headgate.breaker.BreakerState;
import io.headgate.breaker.CircuitBreaker;
import io.headgate.concurrency.Bulkhead;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.resolve.Endpoint;
import io.headgate.resolve.Update;
import io.headgate.resolve.Update.Departure;
import io.headgate.retry.BudgetSettings;
import io.headgate.retry.Retry;
import io.headgate.retry.RetryBudget;
import io.headgate.retry.RetryPolicy;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.headgate.test.ScriptedBody;
import io.headgate.test.VirtualClock;
import io.headgate.timeout.ExchangeTimeout;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** The stages for HTTP, around calls. */
class StagesOnCallsTest {

    private static final Key<String> ATTRIBUTE = Key.of("test");
    private static final Stage<HttpExchange, HttpReply> NO_STAGE = next -> new PassingLayer(next);

    private final Calls calls = new Calls();
    private final RpcHttp bridge = RpcHttp.create();

    @AfterEach
    void releaseEverything() {
        calls.assertNoLeaks();
    }

    private static final class PassingLayer extends io.headgate.Layer<HttpExchange, HttpReply> {

        private final Service<HttpExchange, HttpReply> next;

        PassingLayer(Service<HttpExchange, HttpReply> next) {
            super("passing", next);
            this.next = next;
        }

        @Override
        public Mono<HttpReply> call(HttpExchange exchange) {
            return next.call(exchange);
        }
    }

    private static RpcException failure(Mono<?> call) {
        return catchThrowableOfType(RpcException.class, call::block);
    }

    private static RpcReply read(RpcReply reply, List<String> elements) {
        elements.addAll(Calls.elements(reply.body()));
        return reply;
    }

    private Mono<RpcReply> unavailable(RpcRequest request) {
        request.body().discard();
        return Mono.error(RpcException.refused(RpcStatus.UNAVAILABLE, "gone away"));
    }

    // ---- nothing is lost on the way

    @Test
    void aCallPassesAsItIs() {
        AtomicReference<RpcRequest> seen = new AtomicReference<>();
        Fields metadata = Fields.of("content-type", "mine", "connection", "too", "x-id", "7", "content-length", "99");
        Body reply = calls.body("r1", "", "r2");
        Service<RpcRequest, RpcReply> below = request -> {
            seen.set(request);
            return Mono.just(new RpcReply(metadata, Content.PROTOBUF, reply));
        };
        Body body = calls.one("q");
        Deadline deadline = Deadline.after(Duration.ofMinutes(1));
        RpcRequest request = new RpcRequest(
                "a b?#\u00e9/m",
                metadata,
                Content.OCTETS,
                Content.PROTOBUF,
                body,
                deadline,
                Attributes.EMPTY.with(ATTRIBUTE, "here"));
        List<String> elements = new ArrayList<>();
        RpcReply answer = read(bridge.stage(NO_STAGE).wrap(below).call(request).block(), elements);

        assertThat(seen.get().endpoint()).isEqualTo(request.endpoint());
        assertThat(seen.get().fields()).isSameAs(metadata);
        assertThat(seen.get().content()).isEqualTo(Content.OCTETS);
        assertThat(seen.get().accept()).isEqualTo(Content.PROTOBUF);
        assertThat(seen.get().body()).isSameAs(body);
        assertThat(seen.get().deadline()).isEqualTo(deadline);
        assertThat(seen.get().attributes().get(ATTRIBUTE)).isEqualTo("here");
        assertThat(answer.content()).isEqualTo(Content.PROTOBUF);
        assertThat(answer.fields()).isEqualTo(metadata);
        assertThat(elements).containsExactly("r1", "", "r2");
        body.discard();
    }

    @Test
    void aStageThatDoesNothingLeavesNothingBehind() {
        Service<RpcRequest, RpcReply> below = calls.echo();
        assertThat(bridge.stage(Stage.<HttpExchange, HttpReply>identity()).wrap(below))
                .isSameAs(below);
    }

    @Test
    void whatAStageDoesToAHeadItDoesToTheCall() {
        Stage<HttpExchange, HttpReply> down = Stage.onInput(exchange -> exchange.withHead(exchange.head()
                .withTarget("/Other/m")
                .withFields(exchange.head().fields().toBuilder()
                        .add("traceparent", "t")
                        .build())));
        Stage<HttpExchange, HttpReply> up = Stage.onOutput(reply ->
                reply.withFields(reply.fields().toBuilder().add("x-reply", "r").build()));
        RpcReply reply = bridge.stage(down.andThen(up))
                .wrap(calls.echo())
                .call(calls.call("S/m", Content.JSON, calls.one("1")).withFields(Fields.of("content-type", "mine")))
                .block();
        assertThat(reply.fields())
                .isEqualTo(
                        Fields.of("content-type", "mine", "traceparent", "t", "x-endpoint", "Other/m", "x-reply", "r"));
        reply.discard();
    }

    @Test
    void aReplyThatIsNoneOfACallIsAClearFailure() {
        RpcException failure = failure(bridge.through(exchange -> {
                    exchange.body().discard();
                    return Mono.just(HttpReply.text(200, "hello"));
                })
                .call(calls.call("S/m", Content.JSON, calls.one("1"))));
        assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.INTERNAL);
        assertThat(failure).hasMessageContaining("text/plain").hasMessageContaining("RpcHttp.toRpc");
    }

    @Test
    void closingAndStatusAreThoseOfTheCalls() {
        AtomicInteger closes = new AtomicInteger();
        Service<RpcRequest, RpcReply> busy = new Service<>() {
            @Override
            public Mono<RpcReply> call(RpcRequest request) {
                return Mono.never();
            }

            @Override
            public Status status() {
                return Status.BUSY;
            }

            @Override
            public Mono<Void> closeAsync(Duration grace) {
                return Mono.fromRunnable(closes::incrementAndGet);
            }
        };
        Service<RpcRequest, RpcReply> wrapped = bridge.stage(NO_STAGE).wrap(busy);
        assertThat(wrapped.status()).isEqualTo(Status.BUSY);
        wrapped.closeAsync(Duration.ZERO).block();
        assertThat(closes).hasValue(1);
        assertThat(wrapped.describe()).contains("http-behind-rpc\npassing\nrpc-behind-http");
    }

    // ---- retry

    @Test
    void whatWasNotProcessedGoesToAnotherEndpoint() {
        List<String> went = new ArrayList<>();
        Sinks.Many<Update<Endpoint>> updates = Sinks.many().unicast().onBackpressureBuffer();
        Balancer balancer = Balancer.create(
                updates.asFlux(),
                endpoint -> bridge.toHttp(request -> {
                    went.add(endpoint.address().getHostString());
                    return endpoint.address().getPort() == 1
                            ? unavailable(request)
                            : calls.echo().call(request);
                }),
                BalancerSettings.DEFAULTS.withStrategy(Strategy.roundRobin()));
        updates.tryEmitNext(new Update.Reset<>(List.of(Endpoint.of("a", 1), Endpoint.of("b", 2))));
        Retry retry = Retry.of(RetryPolicy.DEFAULTS, RetryBudget.of(BudgetSettings.DEFAULTS));
        Service<RpcRequest, RpcReply> service = bridge.through(retry.wrap(balancer));

        for (int i = 0; i < 4; i++) {
            List<String> elements = new ArrayList<>();
            read(service.call(calls.call("S/m", Content.JSON, calls.one("1"))).block(), elements);
            assertThat(elements).containsExactly("1");
        }
        assertThat(went).contains("a", "b");
        assertThat(retry.stats().recovered()).isPositive();
        balancer.closeAsync(Duration.ZERO).block();
    }

    @Test
    void aRetryIsGivenTheElementsAgainEmptyOnesToo() {
        AtomicInteger attempts = new AtomicInteger();
        List<String> elements = new ArrayList<>();
        Service<RpcRequest, RpcReply> below =
                request -> request.body().map(Calls::text).collectList().flatMap(all -> {
                    elements.addAll(all);
                    return attempts.incrementAndGet() == 1
                            ? Mono.<RpcReply>error(RpcException.of(RpcStatus.UNAVAILABLE, "lost"))
                            : Mono.just(RpcReply.of(Content.NONE, Body.empty()));
                });
        Retry retry = Retry.of(RetryPolicy.DEFAULTS.withAnyMethod(), RetryBudget.of(BudgetSettings.DEFAULTS));
        bridge.stage(retry)
                .wrap(below)
                .call(calls.call("S/m", Content.PROTOBUF, calls.body("a", "", "b")))
                .block();
        assertThat(elements).containsExactly("a", "", "b", "a", "", "b");
    }

    @Test
    void retriesEndWithTheBudgetAndNeverBeginForWhatThePolicyLeavesAlone() {
        AtomicInteger attempts = new AtomicInteger();
        Retry retry = Retry.of(
                RetryPolicy.DEFAULTS,
                RetryBudget.of(new BudgetSettings(0, 1, Duration.ofSeconds(1)))); // ten retries, no deposits
        Service<RpcRequest, RpcReply> refusing = bridge.stage(retry).wrap(request -> {
            attempts.incrementAndGet();
            return unavailable(request);
        });
        RpcException failure = failure(refusing.call(calls.call("S/m", Content.JSON, calls.one("1"))));
        assertThat(failure.rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
        assertThat(failure.is(Trait.RETRYABLE)).isTrue();
        assertThat(attempts.get()).isBetween(2, 20);

        attempts.set(0);
        Service<RpcRequest, RpcReply> failing = bridge.stage(retry).wrap(request -> {
            attempts.incrementAndGet();
            request.body().discard();
            return Mono.error(RpcException.of(RpcStatus.INTERNAL, "broken"));
        });
        assertThat(failure(failing.call(calls.call("S/m", Content.JSON, calls.one("1"))))
                        .rpcStatus())
                .isEqualTo(RpcStatus.INTERNAL);
        assertThat(attempts).hasValue(1);
    }

    // ---- time

    @Test
    void aTimeoutIsDeadlineExceededAndCancelsTheHandler() {
        VirtualClock clock = VirtualClock.install();
        try {
            AtomicInteger cancels = new AtomicInteger();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            bridge.stage(ExchangeTimeout.of(Duration.ofSeconds(1)))
                    .wrap(request -> Mono.<RpcReply>never().doOnCancel(cancels::incrementAndGet))
                    .call(calls.call("S/m", Content.JSON, calls.one("1")))
                    .subscribe(reply -> {}, failure::set);
            clock.advance(Duration.ofMillis(900));
            assertThat(failure.get()).isNull();
            clock.advance(Duration.ofSeconds(1));
            assertThat(((RpcException) failure.get()).rpcStatus()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED);
            assertThat(cancels).hasValue(1);
        } finally {
            clock.close();
        }
    }

    @Test
    void aTimeoutInTheMiddleOfAReplyIsDeadlineExceeded() {
        VirtualClock clock = VirtualClock.install();
        try {
            ScriptedBody body = ScriptedBody.create();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            List<String> elements = new ArrayList<>();
            bridge.stage(ExchangeTimeout.of(Duration.ofSeconds(1)))
                    .wrap(request -> Mono.just(RpcReply.of(Content.JSON, body)))
                    .call(calls.call("S/m", Content.NONE, Body.empty()))
                    .flatMapMany(RpcReply::body)
                    .map(Calls::text)
                    .subscribe(elements::add, failure::set);
            body.emit(calls.allocator.utf8("1"));
            clock.advance(Duration.ofSeconds(2));
            assertThat(elements).containsExactly("1");
            assertThat(((RpcException) failure.get()).rpcStatus()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED);
            assertThat(body.end()).isEqualTo(ScriptedBody.End.CANCELLED);
        } finally {
            clock.close();
        }
    }

    // ---- breakers and limits

    @Test
    void aBreakerOpensForCallsThatFailAndNotForMistakesOfCallers() {
        CircuitBreaker breaker = CircuitBreaker.of(BreakerSettings.DEFAULTS);
        AtomicReference<RpcStatus> status = new AtomicReference<>(RpcStatus.INVALID_ARGUMENT);
        AtomicInteger reached = new AtomicInteger();
        Service<RpcRequest, RpcReply> service = bridge.stage(breaker)
                .wrap(request -> Mono.defer(() -> {
                    reached.incrementAndGet();
                    request.body().discard();
                    return Mono.error(RpcException.of(status.get(), "no"));
                }));
        for (int i = 0; i < 20; i++) {
            failure(service.call(calls.call("S/m", Content.JSON, calls.one("1"))));
        }
        assertThat(breaker.state()).isEqualTo(BreakerState.CLOSED);
        status.set(RpcStatus.INTERNAL);
        for (int i = 0; i < 20; i++) {
            failure(service.call(calls.call("S/m", Content.JSON, calls.one("1"))));
        }
        assertThat(breaker.state()).isEqualTo(BreakerState.OPEN);
        int before = reached.get();
        RpcException refused = failure(service.call(calls.call("S/m", Content.JSON, calls.one("1"))));
        assertThat(refused.rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
        assertThat(refused.is(Trait.RETRYABLE)).isTrue();
        assertThat(reached).hasValue(before);
    }

    @Test
    void aBreakerSeesBodiesThatFail() {
        CircuitBreaker breaker = CircuitBreaker.of(BreakerSettings.DEFAULTS);
        Service<RpcRequest, RpcReply> service = bridge.stage(breaker)
                .wrap(request -> Mono.just(RpcReply.of(
                        Content.JSON, Body.of(Flux.<ByteBuf>error(RpcException.of(RpcStatus.DATA_LOSS, "cut"))))));
        for (int i = 0; i < 20 && breaker.state() == BreakerState.CLOSED; i++) {
            failure(service.call(calls.call("S/m", Content.NONE, Body.empty()))
                    .flatMapMany(RpcReply::body)
                    .then());
        }
        assertThat(breaker.state()).isEqualTo(BreakerState.OPEN);
    }

    @Test
    void aBulkheadHoldsItsPlaceUntilTheLastElement() {
        ScriptedBody body = ScriptedBody.create();
        Service<RpcRequest, RpcReply> service = bridge.stage(
                        Bulkhead.of(1, exchange -> exchange.head().path()))
                .wrap(request -> Mono.just(RpcReply.of(
                        Content.JSON, request.endpoint().equals("S/m") ? body : Body.of(Unpooled.EMPTY_BUFFER))));
        RpcReply first =
                service.call(calls.call("S/m", Content.NONE, Body.empty())).block();
        assertThat(failure(service.call(calls.call("S/m", Content.NONE, Body.empty())))
                        .rpcStatus())
                .isIn(RpcStatus.RESOURCE_EXHAUSTED, RpcStatus.UNAVAILABLE);
        service.call(calls.call("S/other", Content.NONE, Body.empty())).block().discard();
        List<String> elements = new ArrayList<>();
        first.body().map(Calls::text).subscribe(elements::add);
        body.emit(calls.allocator.utf8("1")).complete();
        assertThat(elements).containsExactly("1");
    }

    // ---- balancing

    @Test
    void callsFollowEndpointsAsTheyComeAndGo() {
        Sinks.Many<Update<Endpoint>> updates = Sinks.many().unicast().onBackpressureBuffer();
        List<String> closed = new ArrayList<>();
        Balancer balancer = Balancer.create(
                updates.asFlux(),
                endpoint -> bridge.toHttp(new Service<RpcRequest, RpcReply>() {
                    @Override
                    public Mono<RpcReply> call(RpcRequest request) {
                        request.body().discard();
                        return Mono.just(RpcReply.of(
                                Content.JSON, calls.one(endpoint.address().getHostString())));
                    }

                    @Override
                    public Mono<Void> closeAsync(Duration grace) {
                        return Mono.fromRunnable(
                                () -> closed.add(endpoint.address().getHostString()));
                    }
                }),
                BalancerSettings.DEFAULTS.withStrategy(Strategy.roundRobin()));
        Service<RpcRequest, RpcReply> service = bridge.through(balancer);
        updates.tryEmitNext(new Update.Reset<>(List.of(Endpoint.of("a", 1), Endpoint.of("b", 1))));
        assertThat(answers(service)).containsExactlyInAnyOrder("a", "b");
        updates.tryEmitNext(new Update.Upsert<>(List.of(Endpoint.of("c", 1))));
        updates.tryEmitNext(new Update.Remove<>(List.of(Endpoint.of("a", 1)), Departure.DRAIN));
        assertThat(answers(service)).containsExactlyInAnyOrder("b", "c");
        assertThat(closed).containsExactly("a");
        service.closeAsync(Duration.ZERO).block();
        assertThat(closed).containsExactlyInAnyOrder("a", "b", "c");
    }

    private Set<String> answers(Service<RpcRequest, RpcReply> service) {
        Set<String> answers = new HashSet<>();
        for (int i = 0; i < 8; i++) {
            RpcReply reply = service.call(calls.call("S/m", Content.JSON, calls.one("1")))
                    .block();
            answers.addAll(Calls.elements(reply.body()));
        }
        return answers;
    }
}
