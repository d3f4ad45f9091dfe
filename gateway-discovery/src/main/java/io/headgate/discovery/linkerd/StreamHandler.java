package io.headgate.discovery.linkerd;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;

/** Answers one request with a stream. The head of the reply goes out at once, so that the client knows that it was heard. */
final class StreamHandler<Q, W> implements ServerCallHandler<Q, W> {

    private final Function<Q, Flux<W>> answers;
    private final Function<Throwable, Status> statuses;

    StreamHandler(Function<Q, Flux<W>> answers, Function<Throwable, Status> statuses) {
        this.answers = answers;
        this.statuses = statuses;
    }

    @Override
    public ServerCall.Listener<Q> startCall(ServerCall<Q, W> call, Metadata headers) {
        call.request(2); // one, and another one that must not be
        return new Listener(call);
    }

    private final class Listener extends ServerCall.Listener<Q> {

        private final ServerCall<Q, W> call;
        private final CallSink<W> sink;
        private @Nullable Q question;
        private boolean closed;

        Listener(ServerCall<Q, W> call) {
            this.call = call;
            this.sink = new CallSink<>(call, statuses);
        }

        @Override
        public void onMessage(Q message) {
            if (question != null) {
                refuse("two (expected: one)");
            }
            question = message;
        }

        @Override
        public void onHalfClose() {
            Q asked = question;
            if (asked == null) {
                refuse("none (expected: one)");
            } else if (!closed) {
                call.sendHeaders(new Metadata());
                Flux.defer(() -> answers.apply(asked)).subscribe(sink);
            }
        }

        private void refuse(String what) {
            if (!closed) {
                closed = true;
                call.close(Status.INTERNAL.withDescription("request: " + what), new Metadata());
            }
        }

        @Override
        public void onReady() {
            if (question != null) {
                sink.ask();
            }
        }

        @Override
        public void onCancel() {
            sink.cancel();
        }
    }
}
