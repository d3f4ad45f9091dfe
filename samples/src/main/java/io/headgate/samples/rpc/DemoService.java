package io.headgate.samples.rpc;

import io.headgate.rpc.endpoint.EndpointName;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** One endpoint of each shape, to try things with. */
@EndpointName("demo")
public interface DemoService {

    /**
     * Says what it was told.
     *
     * @param text anything
     * @return the same
     */
    Mono<String> echo(String text);

    /**
     * The time of the server.
     *
     * @return as ISO 8601
     */
    Mono<String> time();

    /**
     * Counts as fast as numbers are asked for.
     *
     * @param from the first number
     * @param to the last number
     * @return all of them
     */
    Flux<Integer> count(int from, int to);

    /**
     * Adds up.
     *
     * @param numbers the numbers
     * @return their sum
     */
    Mono<Long> sum(Flux<Integer> numbers);

    /**
     * Turns words round, each when it comes.
     *
     * @param words the words
     * @return each of them backwards
     */
    Flux<String> reverse(Flux<String> words);

    /**
     * Fails after a while, to see what that looks like.
     *
     * @param after how many numbers come before
     * @return the numbers, and the failure
     */
    Flux<Integer> fail(int after);
}
