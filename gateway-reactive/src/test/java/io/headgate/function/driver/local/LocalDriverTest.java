package io.headgate.function.driver.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.headgate.function.driver.Instance;
import io.headgate.function.driver.InstanceReply;
import io.headgate.function.driver.InstanceRequest;
import io.headgate.function.driver.InstanceSpec;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedBody;
import io.headgate.test.VirtualClock;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Subscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

class LocalDriverTest {

    private static final Duration LONG = Duration.ofSeconds(10);

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final VirtualClock clock = VirtualClock.install();
    private final LocalDriver.Builder builder = LocalDriver.builder();

    @AfterEach
    void nothingIsLeft() {
        assertThat(clock.pending()).isZero();
        clock.close();
        allocator.assertNoLeaks();
    }

    private static InstanceSpec spec(String image) {
        return new InstanceSpec("i1", image, 128, Map.of("COLOR", "red"), Duration.ofSeconds(5), bytes -> {});
    }

    private Instance start(String image) {
        return builder.build().start(spec(image)).block(LONG);
    }

    private InstanceRequest request(String payload, CharSequence... fields) {
        return new InstanceRequest(Fields.of(fields), Body.of(allocator.utf8(payload)));
    }

    private InstanceReply call(Instance instance, String payload, CharSequence... fields) {
        return instance.call(request(payload, fields)).block(LONG);
    }

    private static String text(InstanceReply reply) {
        return reply.body().asString(1000).block(LONG);
    }

    private static void breaksOff(Mono<?> call) {
        assertThatThrownBy(() -> call.block(LONG))
                .isInstanceOfSatisfying(
                        FunctionException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.FUNCTION_FAILED));
    }

    @Test
    void aFunctionGetsItsPayloadAndItsEnvironment() {
        builder.function(
                "f",
                call -> Mono.just((call.text()
                                + call.environment().get("COLOR")
                                + call.fields().get("x-a"))
                        .getBytes()));
        InstanceReply reply = call(start("f"), "in-", "x-a", "1");
        assertThat(reply.status()).isEqualTo(200);
        assertThat(text(reply)).isEqualTo("in-red1");
    }

    @Test
    void anEmptyPayloadAndAnEmptyOutputAreNone() {
        builder.function("f", LocalFunction.ofText(text -> text));
        InstanceReply reply = start("f")
                .call(new InstanceRequest(Fields.empty(), Body.empty()))
                .block(LONG);
        assertThat(reply.body().isEmpty()).isTrue();
    }

    @Test
    void aFunctionThatThrowsIsAnsweredAsOneElsewhere() {
        builder.function("fails", call -> Mono.error(new IllegalStateException("words")))
                .function("throws", call -> {
                    throw new IllegalStateException("words");
                })
                .function("gives-up", call -> Mono.error(new FunctionException(ErrorKind.TIMED_OUT, "late")))
                .image(
                        "throws-at-once",
                        given -> Mono.just(request -> {
                            throw new IllegalStateException("words");
                        }));
        for (String image : new String[] {"fails", "throws", "throws-at-once"}) {
            InstanceReply reply = call(start(image), "in");
            assertThat(reply.status()).isEqualTo(502);
            assertThat(text(reply)).isEqualTo("words");
        }
        InstanceReply late = call(start("gives-up"), "in");
        assertThat(late.status()).isEqualTo(504);
        late.body().discard();
    }

    @Test
    void aFunctionThatReturnsNothingHasCrashed() {
        builder.function("f", call -> Mono.empty());
        breaksOff(start("f").call(request("in")));
    }

    @Test
    void aServiceSeesTheRequestOfTheClientOfATrigger() {
        AtomicReference<@Nullable HttpExchange> seen = new AtomicReference<>();
        builder.service("s", exchange -> {
            seen.set(exchange);
            exchange.body().discard();
            return Mono.just(
                    HttpReply.of(404, Fields.of("content-type", "text/css", "x-a", "1", "x-a", "2"), Body.empty()));
        });
        InstanceReply reply = call(
                start("s"),
                "in",
                "Fn-Intent",
                "httprequest",
                "Fn-Http-Method",
                "PUT",
                "Fn-Http-Request-Url",
                "https://shop.example:8443/t/shop/orders?a=b",
                "Fn-Http-H-X-B",
                "3",
                "Content-Type",
                "text/plain",
                "Fn-Call-Id",
                "c1",
                "X-Other",
                "1");

        assertThat(seen.get().head().method()).isEqualTo("PUT");
        assertThat(seen.get().head().scheme()).isEqualTo("https");
        assertThat(seen.get().head().authority()).isEqualTo("shop.example:8443");
        assertThat(seen.get().head().target()).isEqualTo("/t/shop/orders?a=b");
        assertThat(seen.get().head().fields())
                .isEqualTo(Fields.of("X-B", "3", "Content-Type", "text/plain", "Fn-Call-Id", "c1"));
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.fields())
                .isEqualTo(Fields.of(
                        "Fn-Http-Status",
                        "404",
                        "content-type",
                        "text/css",
                        "Fn-Http-H-x-a",
                        "1",
                        "Fn-Http-H-x-a",
                        "2"));
    }

    @Test
    void aServiceThatIsCalledDirectlySeesAPost() {
        builder.service(
                "s",
                exchange -> exchange.body()
                        .asString(100)
                        .map(text -> HttpReply.text(
                                201, exchange.head().method() + exchange.head().target() + text)));
        InstanceReply reply = call(start("s"), "in", "x-a", "1");
        assertThat(reply.status()).isEqualTo(200);
        assertThat(reply.fields().get("fn-http-status")).isEqualTo("201");
        assertThat(text(reply)).isEqualTo("POST/callin");
    }

    @Test
    void aRequestThatIsNotOneOfATriggerIsAFailureOfTheFunction() {
        builder.service("s", exchange -> Mono.just(HttpReply.of(200)));
        InstanceReply reply = call(start("s"), "in", "fn-intent", "httprequest");
        assertThat(reply.status()).isEqualTo(502);
        reply.body().discard();
    }

    @Test
    void startsFailAsElsewhere() {
        builder.image("slow", given -> Mono.never())
                .image("broken", given -> Mono.error(new IllegalStateException("broken")))
                .image("nothing", given -> Mono.empty());
        LocalDriver driver = builder.build();
        assertThat(driver.runs("slow")).isTrue();
        assertThat(driver.runs("other")).isFalse();
        startFails(driver.start(spec("other")), ErrorKind.IMAGE_NOT_FOUND);
        startFails(driver.start(spec("broken")), ErrorKind.START_FAILED);
        startFails(driver.start(spec("nothing")), ErrorKind.START_FAILED);
        AtomicReference<@Nullable Throwable> late = new AtomicReference<>();
        driver.start(spec("slow")).subscribe(i -> {}, late::set);
        clock.advance(Duration.ofSeconds(5));
        assertThat(((FunctionException) late.get()).kind()).isEqualTo(ErrorKind.START_TIMED_OUT);
    }

    private static void startFails(Mono<Instance> start, ErrorKind kind) {
        assertThatThrownBy(() -> start.block(LONG))
                .isInstanceOfSatisfying(
                        FunctionException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    @Test
    void aNameIsGivenOnce() {
        builder.function("f", call -> Mono.empty());
        assertThatThrownBy(() -> builder.function("f", call -> Mono.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("f");
    }

    @Test
    void aStoppedInstanceLetsItsCallEnd() {
        Sinks.One<byte[]> output = Sinks.one();
        builder.function("f", call -> output.asMono());
        Instance instance = start("f");
        AtomicReference<@Nullable InstanceReply> reply = new AtomicReference<>();
        AtomicReference<@Nullable String> end = new AtomicReference<>();
        AtomicBoolean stopped = new AtomicBoolean();
        instance.call(request("in")).subscribe(reply::set);
        instance.ended().subscribe(end::set);
        instance.stop(Duration.ofSeconds(2)).subscribe(null, null, () -> stopped.set(true));

        InstanceRequest late = request("too late");
        breaksOff(instance.call(late));
        assertThat(late.body().asString(99).block(LONG))
                .as("it was not touched")
                .isEqualTo("too late");
        output.tryEmitValue("out".getBytes());
        assertThat(stopped).isFalse();
        assertThat(text(reply.get())).isEqualTo("out");
        assertThat(stopped).isTrue();
        assertThat(end.get()).isEqualTo("stopped");
        instance.stop(Duration.ZERO).block(LONG);
    }

    @Test
    void aStoppedInstanceDoesNotWaitForEver() {
        AtomicBoolean cancelled = new AtomicBoolean();
        builder.function("f", call -> Mono.<byte[]>never().doOnCancel(() -> cancelled.set(true)));
        Instance instance = start("f");
        AtomicReference<@Nullable Throwable> error = new AtomicReference<>();
        instance.call(request("in")).subscribe(reply -> {}, error::set);
        instance.stop(Duration.ofSeconds(2)).subscribe();
        clock.advance(Duration.ofSeconds(2));
        assertThat(cancelled).isTrue();
        assertThat(error.get()).isInstanceOf(FunctionException.class);
    }

    @Test
    void aReplyIsCutWhenItsInstanceIsKilled() {
        ScriptedBody body = ScriptedBody.create();
        builder.image(
                "s",
                given -> Mono.just(request -> {
                    request.body().discard();
                    return Mono.just(new InstanceReply(200, Fields.empty(), body));
                }));
        LocalDriver driver = builder.build();
        Instance instance = driver.start(spec("s")).block(LONG);
        AtomicReference<@Nullable Throwable> error = new AtomicReference<>();
        call(instance, "in").body().subscribe(buffer -> buffer.release(), error::set);
        body.emit(allocator.utf8("1"));
        driver.close().block(LONG);
        assertThat(error.get()).isInstanceOf(FunctionException.class);
        assertThat(body.end()).isEqualTo(ScriptedBody.End.CANCELLED);
        assertThat(instance.ended().block(LONG)).isEqualTo("stopped");
    }

    @Test
    void aCancelReachesTheFunction() {
        AtomicBoolean cancelled = new AtomicBoolean();
        builder.image(
                "f", given -> Mono.just(request -> Mono.<InstanceReply>never().doOnCancel(() -> cancelled.set(true))));
        Instance instance = start("f");
        instance.call(request("in")).subscribe().dispose();
        assertThat(cancelled).isTrue();
        instance.stop(Duration.ofSeconds(1)).block(LONG);
    }

    @Test
    void aCallThatIsCutWhileItBeginsEndsOnceAndReachesTheFunction() {
        AtomicReference<Runnable> whileItBegins = new AtomicReference<>(() -> {});
        AtomicBoolean cancelled = new AtomicBoolean();
        builder.image(
                "f",
                given -> Mono.just(request -> {
                    whileItBegins.get().run();
                    return Mono.<InstanceReply>never().doOnCancel(() -> cancelled.set(true));
                }));
        LocalDriver driver = builder.build();
        Instance instance = driver.start(spec("f")).block(LONG);

        whileItBegins.set(() -> driver.close().block(LONG));
        StepVerifier.create(instance.call(request("in")))
                .verifyErrorSatisfies(
                        error -> assertThat(((FunctionException) error).kind()).isEqualTo(ErrorKind.FUNCTION_FAILED));
        assertThat(cancelled).isTrue();
    }

    @Test
    void aFunctionMayFailInAnyWay() {
        builder.image("no-answer", given -> Mono.just(request -> null))
                .image(
                        "asserts",
                        given -> Mono.just(request -> {
                            throw new AssertionError("words");
                        }));
        for (String image : new String[] {"no-answer", "asserts"}) {
            InstanceReply reply = call(start(image), "in");
            assertThat(reply.status()).isEqualTo(502);
            reply.body().discard();
        }
    }

    @Test
    void whatComesWhileAReplyIsCutIsReleased() {
        AtomicReference<@Nullable Subscriber<? super ByteBuf>> reader = new AtomicReference<>();
        builder.image(
                "s",
                given -> Mono.just(request -> {
                    request.body().discard();
                    return Mono.just(new InstanceReply(200, Fields.empty(), Body.of(subscriber -> {
                        reader.set(subscriber);
                        subscriber.onSubscribe(Operators.emptySubscription()); // as one that a cancel has not reached
                    })));
                }));
        LocalDriver driver = builder.build();
        Instance instance = driver.start(spec("s")).block(LONG);
        AtomicReference<@Nullable Throwable> error = new AtomicReference<>();
        call(instance, "in").body().subscribe(buffer -> buffer.release(), error::set);

        reader.get().onNext(allocator.utf8("1"));
        driver.close().block(LONG);
        reader.get().onNext(allocator.utf8("too late"));

        assertThat(error.get()).isInstanceOf(FunctionException.class);
    }

    @Test
    void freezingDoesNothing() {
        builder.function("f", LocalFunction.ofText(text -> text));
        Instance instance = start("f");
        instance.freeze().block(LONG);
        instance.unfreeze().block(LONG);
        assertThat(text(call(instance, "in"))).isEqualTo("in");
    }
}
