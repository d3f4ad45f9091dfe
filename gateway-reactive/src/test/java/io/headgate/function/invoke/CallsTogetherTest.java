package io.headgate.function.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.function.dispatch.DispatchSettings;
import io.headgate.function.dispatch.MachineBudget;
import io.headgate.function.driver.InstanceReply;
import io.headgate.function.driver.InstanceRequest;
import io.headgate.function.driver.local.LocalDriver;
import io.headgate.function.driver.local.LocalFunction;
import io.headgate.function.model.Annotations;
import io.headgate.function.model.App;
import io.headgate.function.model.CallType;
import io.headgate.function.model.Fn;
import io.headgate.function.model.Trigger;
import io.headgate.function.store.Catalog;
import io.headgate.function.store.FunctionStore;
import io.headgate.function.store.MemoryFunctionStore;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

/** Many calls on many threads, with functions of this process. */
class CallsTogetherTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final App APP = AgentCase.APP;

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final AtomicInteger queued = new AtomicInteger();
    private final Queue<InvocationEnd> ends = new ConcurrentLinkedQueue<>();
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();
    private final LocalDriver.Builder images = LocalDriver.builder();

    private FunctionAgent agent(int instances) {
        return FunctionAgent.builder(DispatchSettings.of(new MachineBudget(instances * 128L << 20, 8000))
                        .withHotPoll(Duration.ofMillis(5))
                        .withFreezeAfter(null))
                .driver(images.build())
                .observer(new Counting())
                .build();
    }

    private final class Counting implements InvocationObserver {

        @Override
        public void queued(Invocation call) {
            queued.incrementAndGet();
        }

        @Override
        public void ended(Invocation call, InvocationEnd end) {
            ends.add(end);
        }
    }

    @AfterEach
    void everythingCameBack() {
        assertThat(violations).isEmpty();
        assertThat(ends).hasSize(queued.get());
        allocator.assertNoLeaks();
    }

    private Invocation call(Fn fn, String payload) {
        return new Invocation(
                payload,
                CallType.SYNC,
                APP,
                fn,
                null,
                Fields.empty(),
                Body.of(allocator.utf8(payload)),
                Deadline.NONE,
                InvocationWatch.NONE);
    }

    private static Fn fn(String image) {
        return AgentCase.fn("fn-1", image, 10, Map.of(), Annotations.NONE);
    }

    private static Mono<String> text(Mono<InvocationReply> reply) {
        return reply.flatMap(given -> given.body().asString(1000));
    }

    /** Echoes on other threads, and notes two calls of one instance at once. */
    private void echo(String image, Duration time) {
        images.image(image, spec -> {
            AtomicInteger running = new AtomicInteger();
            return Mono.just(request -> {
                if (running.incrementAndGet() > 1) {
                    violations.add("two calls at once");
                }
                return request.body()
                        .asString(1000)
                        .delayElement(time, Schedulers.parallel())
                        .map(text -> answer(text))
                        .doOnTerminate(running::decrementAndGet)
                        .doOnCancel(running::decrementAndGet);
            });
        });
    }

    private InstanceReply answer(String text) {
        Flux<ByteBuf> chunks = Flux.just(text, "!").map(allocator::utf8);
        return new InstanceReply(200, Fields.empty(), Body.of(chunks.publishOn(Schedulers.parallel())));
    }

    @Test
    void twoHundredCallersOnFourInstancesNeverMeetAtOne() {
        echo("echo", Duration.ofMillis(1));
        FunctionAgent agent = agent(4);
        List<String> texts = Flux.range(0, 1000)
                .flatMap(
                        i -> text(agent.invoke(call(fn("echo"), "c" + i))).subscribeOn(Schedulers.boundedElastic()),
                        200)
                .collectList()
                .block(LONG);
        assertThat(texts).hasSize(1000).contains("c0!", "c999!");
        assertThat(agent.stats().queues().get(0).busy()).isZero();
        assertThat(ends).allMatch(end -> end.outcome() == InvocationEnd.Outcome.COMPLETED);
        agent.closeAsync().block(LONG);
    }

    @Test
    void callersThatLeaveAtAnyTimeLeaveNothingBehind() {
        echo("echo", Duration.ofNanos(200_000));
        FunctionAgent agent = agent(4);
        SplittableRandom random = new SplittableRandom(7);
        List<Integer> micros = random.ints(400, 0, 6000).boxed().toList();
        Flux.fromIterable(micros)
                .flatMap(
                        patience -> Mono.defer(() -> text(agent.invoke(call(fn("echo"), "c"))))
                                .subscribeOn(Schedulers.boundedElastic())
                                .take(Duration.ofNanos((patience < 4000 ? patience : 1_000_000) * 1000L))
                                .onErrorReturn("failed"),
                        8)
                .then()
                .block(LONG);
        agent.closeAsync().block(LONG);
        assertThat(agent.stats().queues()).allMatch(queue -> queue.busy() + queue.waiting() + queue.stopping() == 0);
        assertThat(ends).anyMatch(end -> end.outcome() == InvocationEnd.Outcome.COMPLETED);
        assertThat(ends).anyMatch(end -> end.outcome() == InvocationEnd.Outcome.CANCELLED);
    }

    @Test
    void calledFunctionsThatAnswerAtOnceDoNotPileUpOnTheStack() {
        images.image("gate", spec -> Mono.delay(Duration.ofMillis(20)).map(ready -> this::atOnce));
        FunctionAgent agent = agent(1);
        long answered = Flux.range(0, 3_000)
                .flatMap(i -> text(agent.invoke(call(fn("gate"), "c"))), Integer.MAX_VALUE)
                .count()
                .block(LONG);
        assertThat(answered).isEqualTo(3_000);
        agent.closeAsync().block(LONG);
    }

    private Mono<InstanceReply> atOnce(InstanceRequest request) {
        request.body().discard();
        return Mono.just(new InstanceReply(200, Fields.empty(), Body.of(allocator.utf8("x"))));
    }

    @Test
    void aServiceBehindATriggerIsAsIfItWereMountedThere() throws Exception {
        images.service(
                        "service",
                        exchange -> exchange.body()
                                .asString(100)
                                .map(text -> HttpReply.of(
                                        201,
                                        Fields.of("location", exchange.head().target(), "content-type", "text/plain"),
                                        Body.of(allocator.utf8(exchange.head().method() + text)))))
                .function("upper", LocalFunction.ofText(String::toUpperCase));
        FunctionStore store = MemoryFunctionStore.create();
        App app = store.createApp(App.named("shop")).block(LONG);
        Fn service = store.createFn(Fn.of(app.id(), "one", "service")).block(LONG);
        Fn upper = store.createFn(Fn.of(app.id(), "two", "upper")).block(LONG);
        store.createTrigger(Trigger.of(app.id(), service.id(), "t", "/orders/*"))
                .block(LONG);
        FunctionAgent agent = agent(4);
        Invocations invocations = Invocations.builder(Catalog.of(store), agent).build();

        HttpReply reply =
                invocations.call(request("PUT", "/t/shop/orders/7?a=b", "in")).block(LONG);
        assertThat(reply.status()).isEqualTo(201);
        assertThat(reply.fields().get("location")).isEqualTo("/t/shop/orders/7?a=b");
        assertThat(reply.fields().get("content-type")).isEqualTo("text/plain");
        assertThat(reply.fields().get("fn-call-id")).hasSize(26);
        assertThat(reply.body().asString(100).block(LONG)).isEqualTo("PUTin");

        HttpReply direct =
                invocations.call(request("POST", "/invoke/" + upper.id(), "in")).block(LONG);
        assertThat(direct.body().length()).isEqualTo(2);
        assertThat(direct.body().asString(100).block(LONG)).isEqualTo("IN");

        HttpReply detached = invocations
                .call(HttpExchange.of(
                        RequestHead.of("POST", "a", "/invoke/" + upper.id())
                                .withFields(Fields.of("fn-invoke-type", "detached")),
                        Body.of(allocator.utf8("in"))))
                .block(LONG);
        assertThat(detached.status()).isEqualTo(202);
        agent.closeAsync().block(LONG);
    }

    @Test
    void manyDetachedCallsAllRun() throws Exception {
        CountDownLatch ran = new CountDownLatch(40);
        images.function("note", LocalFunction.ofText(text -> {
            ran.countDown();
            return text;
        }));
        FunctionStore store = MemoryFunctionStore.create();
        App app = store.createApp(App.named("shop")).block(LONG);
        Fn note = store.createFn(Fn.of(app.id(), "note", "note")).block(LONG);
        FunctionAgent agent = agent(4);
        Invocations invocations = Invocations.builder(Catalog.of(store), agent).build();
        Fields detached = Fields.of("fn-invoke-type", "detached");
        List<Integer> statuses = Flux.range(0, 40)
                .flatMap(
                        i -> invocations
                                .call(HttpExchange.of(
                                        RequestHead.of("POST", "a", "/invoke/" + note.id())
                                                .withFields(detached),
                                        Body.of(allocator.utf8("in"))))
                                .map(HttpReply::status)
                                .subscribeOn(Schedulers.boundedElastic()),
                        40)
                .collectList()
                .block(LONG);
        assertThat(statuses).hasSize(40).containsOnly(202);
        assertThat(ran.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
        agent.closeAsync().block(LONG);
        assertThat(ends).hasSize(40).allMatch(end -> end.outcome() == InvocationEnd.Outcome.COMPLETED);
    }

    private HttpExchange request(String method, String target, String payload) {
        return HttpExchange.of(RequestHead.of(method, "shop.example", target), Body.of(allocator.utf8(payload)));
    }
}
