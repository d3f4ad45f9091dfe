package io.headgate.function.driver.local;

import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import reactor.core.publisher.Mono;

/** A function of this process that does not block. */
@FunctionalInterface
public interface LocalFunction {

    /**
     * Does the work.
     *
     * @param call the payload and what belongs to it
     * @return the output. What fails is answered with 502; what completes without an output is taken for a crash, as a function in
     *     another process that returns nothing is
     */
    Mono<byte[]> call(LocalCall call);

    /**
     * A function from text to text.
     *
     * @param function does not block
     * @return the function, in UTF-8
     */
    static LocalFunction ofText(UnaryOperator<String> function) {
        return call -> Mono.just(function.apply(call.text()).getBytes(StandardCharsets.UTF_8));
    }
}
