package io.headgate.function.api;

import io.headgate.http.HttpReply;
import reactor.core.publisher.Mono;

/** Answers requests of one method for one path of the API. */
@FunctionalInterface
public interface ApiEndpoint {

    /**
     * Answers a request. Called on the thread of the connection, so it must not block.
     *
     * @param request the request; who takes it may read its body, which is bounded as all bodies of the API are
     * @return the reply; a failure becomes a reply as {@link io.headgate.function.http.ErrorReplies} says
     */
    Mono<HttpReply> call(ApiRequest request);
}
