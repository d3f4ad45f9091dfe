package io.headgate.samples.function;

import io.headgate.function.driver.local.LocalCall;
import io.headgate.function.driver.local.LocalFunction;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import reactor.core.publisher.Mono;

/** A function in Java: says it louder, after the pause that its configuration asks for. */
final class Shout implements LocalFunction {

    static final String IMAGE = "java:shout";

    @Override
    public Mono<byte[]> call(LocalCall call) {
        String pause = call.environment().getOrDefault("PAUSE_MS", "0");
        byte[] loud = call.text().toUpperCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8);
        return Mono.just(loud).delayElement(Duration.ofMillis(Long.parseLong(pause)));
    }
}
