package io.headgate;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpReply;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class StageTest {

    private final Service<String, String> echo = input -> Mono.just(input + "!");

    @Test
    void identityReturnsNextItself() {
        Stage<String, String> identity = Stage.identity();

        assertThat(identity.wrap(echo)).isSameAs(echo);
        assertThat(identity.apply(echo)).isSameAs(echo);
        assertThat(Stage.<Integer, Integer>identity()).isSameAs((Object) identity);
        assertThat(identity).hasToString("identity");
    }

    @Test
    void onInputEditsTheWayIn() {
        expect(Stage.<String, String>onInput(String::toUpperCase).wrap(echo).call("a"), "A!");
    }

    @Test
    void onOutputEditsTheWayOut() {
        expect(Stage.<String, String>onOutput(output -> output + "?").wrap(echo).call("a"), "a!?");
    }

    @Test
    void anOutputWhoseEditThrowsGoesToTheDiscardHook() {
        ByteBuf buffer = Unpooled.buffer().writeByte(1);
        Service<String, HttpReply> next = input -> Mono.just(HttpReply.of(200, Fields.empty(), Body.of(buffer)));
        Service<String, HttpReply> service = Stage.<String, HttpReply>onOutput(reply -> {
                    throw new IllegalStateException("edit");
                })
                .wrap(next);

        StepVerifier.create(service.call("a").doOnDiscard(HttpReply.class, HttpReply::discard))
                .verifyErrorMessage("edit");
        assertThat(buffer.refCnt()).isZero();
    }

    private static Stage<String, String> appends(String text) {
        return Stage.onInput(input -> input + text);
    }

    @Test
    void switchedStagesActWhileTheyAreOn() {
        Switch first = Switch.off();
        Switch second = Switch.on();
        Switch third = Switch.off();
        Service<String, String> service = Stage.switched(first, appends("1"))
                .wrap(Stage.switched(second, appends("2"))
                        .wrap(Stage.switched(third, appends("3")).wrap(echo)));

        expect(service.call("a"), "a2!");
        first.turn(true);
        third.turn(true);
        expect(service.call("a"), "a123!");
        second.turn(false);
        expect(service.call("a"), "a13!");
        first.turn(false);
        third.turn(false);
        expect(service.call("a"), "a!");
        assertThat(first.isOn()).isFalse();
        assertThat(first).hasToString("off");
        assertThat(Switch.on()).hasToString("on");
    }

    @Test
    void switchedStagesKeepTheirPlaceAmongOthers() {
        Switch control = Switch.off();
        Service<String, String> service = Stage.switched(control, appends("1"))
                .wrap(appends("2").wrap(Stage.switched(control, appends("3")).wrap(echo)));

        expect(service.call("a"), "a2!");
        control.turn(true);
        expect(service.call("a"), "a123!");
    }

    @Test
    void switchedStageIsWrappedOnceAndIdentityNotAtAll() {
        AtomicInteger wrapped = new AtomicInteger();
        Switch control = Switch.on();
        Service<String, String> service = Stage.<String, String>switched(control, next -> {
                    wrapped.incrementAndGet();
                    return next::call;
                })
                .wrap(echo);

        expect(service.call("a"), "a!");
        control.turn(false);
        expect(service.call("a"), "a!");
        assertThat(wrapped).hasValue(1);
        assertThat(Stage.switched(control, Stage.<String, String>identity()).wrap(echo))
                .isSameAs(echo);
    }

    @Test
    void aroundSeesInputAndNext() {
        Stage<String, String> twice =
                Stage.around((input, next) -> next.call(input).flatMap(next::call));

        expect(twice.wrap(echo).call("a"), "a!!");
    }

    @Test
    void whenAppliesTheStageToThePickedInputsOnly() {
        Service<String, String> service = Stage.<String, String>when(
                        input -> input.startsWith("a"), Stage.onInput(String::toUpperCase))
                .wrap(echo);

        expect(service.call("ab"), "AB!");
        expect(service.call("bb"), "bb!");
    }

    @Test
    void whenWrapsOnceAndVanishesWithAnIdentity() {
        AtomicInteger wraps = new AtomicInteger();
        Service<String, String> service = Stage.<String, String>when(input -> true, next -> {
                    wraps.incrementAndGet();
                    return input -> next.call(input);
                })
                .wrap(echo);
        expect(service.call("a"), "a!");
        expect(service.call("b"), "b!");

        assertThat(wraps).hasValue(1);
        assertThat(Stage.<String, String>when(input -> true, Stage.identity()).wrap(echo))
                .isSameAs(echo);
    }

    @Test
    void operatorsAreAppliedAnewForEachSubscription() {
        AtomicInteger applications = new AtomicInteger();
        Mono<String> call = Stage.<String, String>operator(mono -> {
                    int number = applications.incrementAndGet();
                    return mono.map(output -> output + number);
                })
                .wrap(echo)
                .call("a");

        assertThat(applications).hasValue(0);
        expect(call, "a!1");
        expect(call, "a!2");
    }

    @Test
    void stagesComposeFromTheInsideOut() {
        Stage<String, String> inner = Stage.onInput(input -> input + "-inner");
        Stage<String, String> outer = Stage.onInput(input -> input + "-outer");

        expect(inner.andThen(outer).apply(echo).call("a"), "a-outer-inner!");
    }

    @Test
    void layersDescribeThemselvesOutermostFirst() {
        Service<String, String> named = new Service<>() {
            @Override
            public Mono<String> call(String input) {
                return Mono.just(input);
            }

            @Override
            public String toString() {
                return "echo";
            }
        };
        Service<String, String> service = Stage.<String, String>operator(mono -> mono)
                .wrap(Stage.<String, String>onInput(input -> input).wrap(named));

        assertThat(service.describe()).isEqualTo("operator\non-input\necho");
    }

    private static void expect(Mono<String> call, String output) {
        StepVerifier.create(call).expectNext(output).verifyComplete();
    }
}
