package io.headgate.mirror;

import io.headgate.Stage;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.test.StageContract;
import org.junit.jupiter.api.Nested;
import reactor.core.publisher.Mono;

class MirrorContractTest {

    /** Requests that are not picked; by default a POST is none. */
    @Nested
    class OfRequestsThatAreNotPicked extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Mirror.to(exchange -> Mono.never());
        }
    }

    @Nested
    class WithAMirrorThatAnswersAtOnce extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Mirror.to(exchange -> Mono.just(HttpReply.text(200, "seen"))).withMethods("POST");
        }

        @Override
        protected boolean rewrites() {
            return true; // the request body is another object, with the same content
        }

        @Override
        protected boolean allocates() {
            return true;
        }
    }

    @Nested
    class WithAMirrorThatReads extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Mirror.to(exchange -> exchange.body()
                            .doOnNext(buffer -> buffer.release())
                            .then(Mono.just(HttpReply.of(204)))
                            .or(Mono.just(HttpReply.of(204))))
                    .withMethods("POST");
        }

        @Override
        protected boolean rewrites() {
            return true;
        }

        @Override
        protected boolean allocates() {
            return true;
        }
    }

    @Nested
    class WithAMirrorThatThrows extends StageContract {

        @Override
        protected Stage<HttpExchange, HttpReply> stage() {
            return Mirror.to(exchange -> {
                        throw new IllegalStateException("made by the test");
                    })
                    .withMethods("POST");
        }

        @Override
        protected boolean rewrites() {
            return true;
        }

        @Override
        protected boolean allocates() {
            return true;
        }
    }
}
