package io.headgate.function.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.function.model.App;
import io.headgate.function.model.CallType;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.Fn;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBufUtil;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.test.StepVerifier;

class ListenedInvokerTest {

    private static final App APP = App.named("app").created("APP", Instant.EPOCH);
    private static final Fn FN = Fn.of("APP", "fn", "image").created("FN", Instant.EPOCH);
    private static final FunctionException REFUSED = new FunctionException(ErrorKind.TOO_MANY_CALLS, "quota: used up");

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final List<String> told = new ArrayList<>();
    private final Invoker echo = invocation -> {
        told.add("run");
        return Mono.just(new InvocationReply(Fields.empty(), invocation.payload()));
    };

    @AfterEach
    void nothingLeaks() {
        allocator.assertNoLeaks();
    }

    private Invocation call() {
        return new Invocation(
                "C1",
                CallType.SYNC,
                APP,
                FN,
                null,
                Fields.empty(),
                Body.of(ByteBufUtil.writeUtf8(allocator, "in")),
                Deadline.NONE,
                InvocationWatch.NONE);
    }

    private CallListener agrees(String name) {
        return call -> Mono.fromRunnable(() -> told.add(name + " " + call.fn().id()));
    }

    @Test
    void aCallRunsWhenAllHaveAgreedInTheirOrder() {
        Invoker listened = ListenedInvoker.of(echo, List.of(agrees("first"), agrees("second")));

        StepVerifier.create(
                        listened.invoke(call()).flatMap(reply -> reply.body().asString(10)))
                .expectNext("in")
                .verifyComplete();
        assertThat(told).containsExactly("first FN", "second FN", "run");
    }

    @Test
    void whoRefusesEndsTheCallAndNobodyElseIsAsked() {
        for (CallListener refuses : List.<CallListener>of(call -> Mono.error(REFUSED), call -> {
            throw REFUSED;
        })) {
            told.clear();
            Invoker listened = ListenedInvoker.of(echo, List.of(agrees("first"), refuses, agrees("third")));

            StepVerifier.create(listened.invoke(call()))
                    .verifyErrorSatisfies(error -> assertThat(error).isSameAs(REFUSED));
            assertThat(told).containsExactly("first FN");
            allocator.assertNoLeaks();
        }
    }

    @Test
    void aCallThatIsCancelledWhileSomebodyThinksDoesNotRun() {
        Sinks.Empty<Void> thinks = Sinks.empty();
        Invoker listened = ListenedInvoker.of(echo, List.of(call -> thinks.asMono()));

        StepVerifier.create(listened.invoke(call())).thenCancel().verify();
        thinks.tryEmitEmpty();
        assertThat(told).isEmpty();
    }

    @Test
    void withoutListenersNothingStandsBetween() {
        assertThat(ListenedInvoker.of(echo, List.of())).isSameAs(echo);
    }
}
