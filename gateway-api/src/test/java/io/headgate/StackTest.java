package io.headgate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class StackTest {

    private static final Role TIMEOUT = Role.of("timeout");
    private static final Role RETRY = Role.of("retry");
    private static final Role TAP = Role.of("tap");

    private final Stack<String, String, String> endpoint =
            Stack.of(target -> input -> Mono.just(input + " at " + target));
    private final Stack<String, String, String> stack = endpoint.push(
                    TIMEOUT, "below retry: each attempt", mark("timeout"))
            .push(RETRY, "above timeout", mark("retry"));

    @Test
    void pushAddsNearerToTheClient() {
        assertThat(call(stack)).isEqualTo("x retry timeout at b");
        assertThat(stack.describe()).isEqualTo("retry - above timeout\ntimeout - below retry: each attempt\nendpoint");
        assertThat(stack).hasToString(stack.describe());
        assertThat(call(endpoint)).isEqualTo("x at b");
    }

    @Test
    void insertPutsALayerNextToAnother() {
        assertThat(call(stack.insertAbove(TIMEOUT, TAP, "sees attempts", mark("tap"))))
                .isEqualTo("x retry tap timeout at b");
        assertThat(call(stack.insertBelow(TIMEOUT, TAP, "sees the wire", mark("tap"))))
                .isEqualTo("x retry timeout tap at b");
        assertThat(call(stack.insertAbove(RETRY, TAP, "sees the call", mark("tap"))))
                .isEqualTo("x tap retry timeout at b");
    }

    @Test
    void replaceKeepsPlaceAndReason() {
        Stack<String, String, String> changed = stack.replace(TIMEOUT, mark("longer"));

        assertThat(call(changed)).isEqualTo("x retry longer at b");
        assertThat(changed.describe()).isEqualTo(stack.describe());
        assertThat(call(stack)).isEqualTo("x retry timeout at b");
    }

    @Test
    void removeTakesALayerOut() {
        assertThat(call(stack.remove(RETRY))).isEqualTo("x timeout at b");
        assertThat(call(stack.remove(RETRY).push(RETRY, "again", mark("retry"))))
                .isEqualTo("x retry timeout at b");
    }

    @Test
    void rolesAreUniqueAndKnown() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stack.push(RETRY, "twice", mark("retry")))
                .withMessage("role: retry (expected: a role that is not yet in the stack)");
        String unknown = "role: tap (expected: one of [timeout, retry])";
        assertThatIllegalArgumentException().isThrownBy(() -> stack.remove(TAP)).withMessage(unknown);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stack.replace(TAP, mark("tap")))
                .withMessage(unknown);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> stack.insertAbove(TAP, Role.of("x"), "why", mark("x")))
                .withMessage(unknown);
    }

    @Test
    void stagesOfATargetAreMadeOncePerTarget() {
        List<String> made = new ArrayList<>();
        Service<String, String> service = endpoint.pushFor(TAP, "why", target -> {
                    made.add(target);
                    return mark("tap-" + target);
                })
                .make("b");

        StepVerifier.create(service.call("x")).expectNext("x tap-b at b").verifyComplete();
        StepVerifier.create(service.call("y")).expectNext("y tap-b at b").verifyComplete();
        assertThat(made).containsExactly("b");
    }

    @Test
    void aFactoryWithoutAStageIsNamed() {
        Stack<String, String, String> broken = endpoint.pushFor(TAP, "why", target -> null);

        assertThatNullPointerException().isThrownBy(() -> broken.make("b")).withMessage("stage of role tap");
    }

    @Test
    void identityLeavesNoTraceInTheService() {
        List<Service<String, String>> seen = new ArrayList<>();
        Stage<String, String> watch = next -> {
            seen.add(next);
            return next;
        };
        endpoint.push(Role.of("bottom"), "why", watch)
                .push(TAP, "why", Stage.identity())
                .push(TIMEOUT, "why", Stage.when(input -> true, Stage.identity()))
                .push(Role.of("top"), "why", watch)
                .make("b");

        assertThat(seen).hasSize(2);
        assertThat(seen.get(1)).isSameAs(seen.get(0));
    }

    @Test
    void anExceptionThrownByALayerFailsTheCallAndIsLiftedOnce() {
        IllegalStateException thrown = new IllegalStateException("thrown by a lambda");
        List<String> seenAbove = new ArrayList<>();
        Service<String, String> service = endpoint.push(TAP, "why", Stage.onInput(input -> {
                    throw thrown;
                }))
                .push(RETRY, "why", Stage.around((input, next) -> {
                    try {
                        return next.call(input);
                    } catch (IllegalStateException e) {
                        seenAbove.add(e.getMessage());
                        throw e;
                    }
                }))
                .make("b");

        StepVerifier.create(service.call("x"))
                .verifyErrorSatisfies(error -> assertThat(error).isSameAs(thrown));
        assertThat(seenAbove).containsExactly("thrown by a lambda");
    }

    @Test
    void statusAndClosingReachTheEndpointThroughAllLayers() {
        Closeable closeable = new Closeable();
        Service<String, String> service = Stack.<String, String, String>of(target -> closeable)
                .push(Role.of("in"), "why", Stage.onInput(input -> input))
                .push(Role.of("out"), "why", Stage.onOutput(output -> output))
                .push(Role.of("around"), "why", mark("x"))
                .push(Role.of("when"), "why", Stage.when(input -> false, mark("y")))
                .push(Role.of("operator"), "why", Stage.operator(mono -> mono))
                .make("b");

        assertThat(service.status()).isEqualTo(Service.Status.BUSY);
        StepVerifier.create(service.closeAsync(Duration.ofSeconds(3))).verifyComplete();
        assertThat(closeable.grace).isEqualTo(Duration.ofSeconds(3));
        assertThat(service.describe()).startsWith("operator - why\nwhen - why").endsWith("endpoint");
    }

    @Test
    void aPlainServiceIsOpenAndClosesAtOnce() {
        Service<String, String> service = input -> Mono.just(input);

        assertThat(service.status()).isEqualTo(Service.Status.OPEN);
        StepVerifier.create(service.closeAsync(Duration.ZERO)).verifyComplete();
        StepVerifier.create(service.apply("x")).expectNext("x").verifyComplete();
        assertThat(service.describe()).isEqualTo(service.toString());
    }

    private static Stage<String, String> mark(String name) {
        return Stage.around((input, next) -> next.call(input + " " + name));
    }

    private static String call(Stack<String, String, String> stack) {
        return stack.make("b").call("x").block();
    }

    private static final class Closeable implements Service<String, String> {

        private Duration grace = Duration.ZERO;

        @Override
        public Mono<String> call(String input) {
            return Mono.just(input);
        }

        @Override
        public Status status() {
            return Status.BUSY;
        }

        @Override
        public Mono<Void> closeAsync(Duration given) {
            return Mono.fromRunnable(() -> grace = given);
        }
    }
}
