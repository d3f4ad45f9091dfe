package io.headgate.tap.linkerd;

import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.Status;
import io.grpc.StatusException;
import io.headgate.tap.TapRequest;
import io.headgate.tap.TapSource;
import io.headgate.tap.TooManyObserversException;
import io.headgate.tap.linkerd.internal.wire.ObserveRequest;
import io.headgate.tap.linkerd.internal.wire.TapEvent;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Answers a request with the events of a source. The head of the reply goes out at once, so that the client knows that it was heard. */
final class ObserveHandler implements ServerCallHandler<ObserveRequest, TapEvent> {

    /** In the head of a reply: the server knows the fields that are not of the published API. */
    static final Metadata.Key<String> EXTRAS = Metadata.Key.of("headgate-tap-extras", Metadata.ASCII_STRING_MARSHALLER);

    private static final Logger LOG = LoggerFactory.getLogger(ObserveHandler.class);

    private final TapSource source;
    private final TapServerSettings settings;
    private final Clients clients;
    private final Sinks.Empty<Void> closing = Sinks.empty();
    private final AtomicInteger observations = new AtomicInteger();
    private volatile boolean closes;

    ObserveHandler(TapSource source, TapServerSettings settings) {
        this.source = source;
        this.settings = settings;
        this.clients = new Clients(settings);
    }

    /** Ends all answers. */
    void close() {
        closes = true;
        closing.tryEmitEmpty();
    }

    /** What comes after the events: nothing, or why there are no more. */
    private Mono<TapEvent> rest() {
        return Mono.defer(() -> closes
                ? Mono.error(Status.UNAVAILABLE
                        .withDescription("gateway: closes (expected: another one, or later)")
                        .asException())
                : Mono.empty());
    }

    int observations() {
        return observations.get();
    }

    @Override
    public ServerCall.Listener<ObserveRequest> startCall(ServerCall<ObserveRequest, TapEvent> call, Metadata headers) {
        Status refusal = clients.refusal(call.getAttributes());
        if (refusal != null) {
            call.close(refusal, new Metadata());
            return new ServerCall.Listener<>() {};
        }
        call.request(2); // one, and another one that must not be
        return new Listener(call);
    }

    private final class Listener extends ServerCall.Listener<ObserveRequest> {

        private final ServerCall<ObserveRequest, TapEvent> call;
        private final CallSink<TapEvent> sink;
        private @Nullable ObserveRequest question;
        private boolean closed;

        Listener(ServerCall<ObserveRequest, TapEvent> call) {
            this.call = call;
            this.sink = new CallSink<>(call, ObserveHandler::status);
        }

        @Override
        public void onMessage(ObserveRequest message) {
            if (question != null) {
                refuse(Status.INTERNAL.withDescription("request: two (expected: one)"));
            }
            question = message;
        }

        @Override
        public void onHalfClose() {
            if (question == null) {
                refuse(Status.INTERNAL.withDescription("request: none (expected: one)"));
            } else if (!closed) {
                answer(question);
            }
        }

        private void answer(ObserveRequest asked) {
            TapRequest request;
            try {
                request = WireRequests.decode(asked, settings);
            } catch (IllegalArgumentException e) {
                refuse(Status.INVALID_ARGUMENT.withDescription(e.getMessage()));
                return;
            }
            if (observations.incrementAndGet() > settings.maxObservations()) {
                observations.decrementAndGet();
                refuse(Status.RESOURCE_EXHAUSTED.withDescription("observations: " + settings.maxObservations()
                        + " go on (expected: fewer, before there is another one)"));
                return;
            }
            Metadata head = new Metadata();
            if (asked.hasExtras()) {
                head.put(EXTRAS, "1");
            }
            call.sendHeaders(head);
            events(request, asked.hasExtras()).subscribe(sink);
        }

        private Flux<TapEvent> events(TapRequest request, boolean extras) {
            EventWriter writer = new EventWriter(request.headers().shown(), extras);
            return Flux.defer(() -> source.observe(request))
                    .mapNotNull(writer::encode)
                    .takeUntilOther(closing.asMono()) // its completion: an error there would not cancel the source
                    .concatWith(rest())
                    .doFinally(end -> observations.decrementAndGet());
        }

        private void refuse(Status status) {
            if (!closed) {
                closed = true;
                call.close(status, new Metadata());
            }
        }

        @Override
        public void onReady() {
            sink.ask();
        }

        @Override
        public void onCancel() {
            sink.cancel();
        }
    }

    /** Details of what has failed in the gateway are nobody's business. */
    private static Status status(Throwable error) {
        if (error instanceof TooManyObserversException) {
            return Status.RESOURCE_EXHAUSTED.withDescription(error.getMessage());
        }
        if (error instanceof StatusException own) {
            return own.getStatus();
        }
        LOG.warn("observation of a client ends: its source has failed", error);
        return Status.INTERNAL.withDescription("tap: failed (expected: events until the limit)");
    }
}
