package io.headgate.samples.function;

import java.nio.charset.StandardCharsets;

/**
 * A function to try.
 *
 * @param name its name
 * @param what what it is, for people
 * @param image what is run
 * @param isProcess whether each of its instances is a process, whose id is in its answers
 * @param source what its trigger is for
 * @param path a path that the trigger takes
 * @param payload what it is called with
 * @param answer what its answer contains
 */
public record DemoFunction(
        String name,
        String what,
        String image,
        boolean isProcess,
        String source,
        String path,
        String payload,
        String answer) {

    byte[] bytes() {
        return payload.getBytes(StandardCharsets.UTF_8);
    }

    static DemoFunction shout(String image) {
        return new DemoFunction(
                "shout",
                "a Java function in this process",
                image,
                false,
                "/shout",
                "/shout",
                "hello, Ada",
                "HELLO, ADA");
    }

    static DemoFunction hello(String image) {
        return new DemoFunction(
                "hello",
                "an npm function, a process for each instance",
                image,
                true,
                "/hello/*",
                "/hello/ada",
                "{\"name\": \"Ada\"}",
                "Hello Ada");
    }
}
