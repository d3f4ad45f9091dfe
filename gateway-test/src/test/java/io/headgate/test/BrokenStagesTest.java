package io.headgate.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Named.named;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.headgate.Role;
import io.headgate.Service;
import io.headgate.Stage;
import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Events;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import reactor.util.context.Context;

/** The contract catches the mistakes that stages make: each broken stage fails the check that is about its mistake. */
class BrokenStagesTest {

    private static @Nullable Stage<HttpExchange, HttpReply> stageUnderTest;

    static final class Candidate extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return stageUnderTest;
        }

        @Override
        protected Role role() {
            return Role.of("candidate");
        }

        @Override
        protected boolean allocates() {
            return stageUnderTest != DEFERS;
        }
    }

    private static final Stage<HttpExchange, HttpReply> DEFERS =
            Stage.around((exchange, next) -> Mono.defer(() -> next.call(exchange)));

    @ParameterizedTest
    @MethodSource
    void aBrokenStageFailsTheCheckForIt(Stage<HttpExchange, HttpReply> stage, String check) {
        assertThat(failedChecks(stage)).contains(check);
    }

    static Stream<Arguments> aBrokenStageFailsTheCheckForIt() {
        return Stream.of(
                broken(
                        "drops the reply",
                        (exchange, next) -> next.call(exchange).map(reply -> HttpReply.of(reply.status())),
                        "cancelAfterTheHeadReachesNextOnce"),
                broken(
                        "drops a late reply, as the timeout of Reactor does",
                        (exchange, next) -> next.call(exchange).timeout(Duration.ofSeconds(9)),
                        "aReplyThatArrivesAfterTheCancelIsDiscarded"),
                broken(
                        "subscribes twice",
                        (exchange, next) -> next.call(exchange).then(next.call(exchange)),
                        "subscribesNextOnce"),
                broken(
                        "retries without saying so",
                        (exchange, next) -> next.call(exchange).retry(1),
                        "subscribesNextOnceWhenItFails"),
                broken(
                        "loses the cancel",
                        (exchange, next) -> next.call(exchange).cache(),
                        "cancelBeforeTheHeadReachesNextOnce"),
                broken(
                        "loses the cancel of the body",
                        replyBody(body -> body.publish().autoConnect()),
                        "cancelInTheBodyReachesNextOnce"),
                broken("shares one call", sharing(), "makesEachSubscriptionACallOfItsOwn"),
                broken(
                        "starts early",
                        (exchange, next) -> {
                            Mono<HttpReply> hot = next.call(exchange).cache();
                            hot.subscribe();
                            return hot;
                        },
                        "doesNothingBeforeTheSubscription"),
                broken(
                        "leaks chunks",
                        replyBody(body -> body.map(ByteBuf::retain)),
                        "deliversReplyBodyAndTrailersToTheEnd"),
                broken("reads ahead", replyBody(body -> body.limitRate(8)), "demandOfTheReaderReachesTheReplyBody"),
                broken(
                        "reads the request ahead",
                        (exchange, next) ->
                                next.call(exchange.withBody(exchange.body().via(body -> body.limitRate(8)))),
                        "demandOfNextReachesTheRequestBody"),
                broken(
                        "loses trailers",
                        (exchange, next) ->
                                next.call(exchange).map(reply -> reply.withBody(Body.of(Flux.from(reply.body())))),
                        "deliversReplyBodyAndTrailersToTheEnd"),
                broken(
                        "hides errors",
                        (exchange, next) ->
                                next.call(exchange).onErrorMap(error -> new IllegalStateException("masked")),
                        "anErrorBeforeTheHeadEndsTheCall"),
                broken(
                        "ends a broken body well",
                        replyBody(body -> body.onErrorComplete()),
                        "anErrorInTheBodyReachesTheReader"),
                broken(
                        "blocks",
                        (exchange, next) -> {
                            block();
                            return next.call(exchange);
                        },
                        "doesNotBlock"),
                broken(
                        "hides the context",
                        (exchange, next) -> next.call(exchange).contextWrite(context -> Context.empty()),
                        "contextDeadlineAndAttributesReachNext"),
                broken("mixes calls up", mixing(), "callsInFlightDoNotTouchEachOther"),
                broken(
                        "forgets a timer",
                        (exchange, next) -> Mono.defer(() -> {
                            Schedulers.parallel().schedule(() -> {}, 1, TimeUnit.HOURS);
                            return next.call(exchange);
                        }),
                        "leavesNoTimerBehind"),
                arguments(named("is a bare lambda", lambda()), "closingWaitsForCallsInFlightAndReachesNext"),
                arguments(named("allocates while idle", DEFERS), "anIdleCallAllocatesNothing"),
                arguments(named("has no name", lambda()), "namesItsRole"));
    }

    @Test
    void aSoundStageFailsNothingButItsMissingName() {
        assertThat(failedChecks(Stage.onInput(UnaryOperator.identity()))).containsExactly("namesItsRole");
    }

    private static Stream<String> failedChecks(Stage<HttpExchange, HttpReply> stage) {
        stageUnderTest = stage;
        Events tests = EngineTestKit.engine("junit-jupiter")
                .selectors(selectClass(Candidate.class))
                .execute()
                .testEvents();
        return tests.failed()
                .map(event -> event.getTestDescriptor().getDisplayName().replace("()", ""));
    }

    private static Arguments broken(
            String mistake,
            BiFunction<HttpExchange, Service<HttpExchange, HttpReply>, Mono<HttpReply>> body,
            String check) {
        return arguments(named(mistake, Stage.around(body)), check);
    }

    private static BiFunction<HttpExchange, Service<HttpExchange, HttpReply>, Mono<HttpReply>> replyBody(
            UnaryOperator<Flux<ByteBuf>> operators) {
        return (exchange, next) ->
                next.call(exchange).map(reply -> reply.withBody(reply.body().via(operators)));
    }

    private static BiFunction<HttpExchange, Service<HttpExchange, HttpReply>, Mono<HttpReply>> sharing() {
        return (exchange, next) -> next.call(exchange).share();
    }

    private static BiFunction<HttpExchange, Service<HttpExchange, HttpReply>, Mono<HttpReply>> mixing() {
        AtomicReference<Mono<HttpReply>> first = new AtomicReference<>();
        return (exchange, next) -> {
            first.compareAndSet(null, next.call(exchange));
            return first.get();
        };
    }

    private static Stage<HttpExchange, HttpReply> lambda() {
        return next -> exchange -> next.call(exchange);
    }

    private static void block() {
        try {
            boolean never = new CountDownLatch(1).await(1, TimeUnit.MILLISECONDS);
            assertThat(never).isFalse();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
