package io.headgate.sync.source;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import org.reactivestreams.Publisher;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxSink;

/**
 * A call of gRPC as a stream of answers. One answer is asked of the transport after the other, so that flow control reaches etcd; whoever
 * subscribes takes them as they come. Cancelling cancels the call.
 */
final class EtcdCall<Q, R> extends ClientCall.Listener<R> {

    private final ClientCall<Q, R> call;
    private final FluxSink<R> sink;

    private EtcdCall(ClientCall<Q, R> call, FluxSink<R> sink) {
        this.call = call;
        this.sink = sink;
    }

    /** Asks one question or more: when they complete, etcd is told that there are no others. */
    static <Q, R> Flux<R> of(
            Channel channel, MethodDescriptor<Q, R> method, CallOptions options, Publisher<Q> questions) {
        return Flux.create(sink -> new EtcdCall<>(channel.newCall(method, options), sink).begin(questions));
    }

    private void begin(Publisher<Q> questions) {
        call.start(this, new Metadata());
        call.request(1);
        Disposable asking = Flux.from(questions)
                .subscribe(call::sendMessage, broken -> call.cancel("no more questions", broken), call::halfClose);
        sink.onDispose(() -> {
            asking.dispose();
            call.cancel("nobody wants to know any more", null);
        });
    }

    @Override
    public void onMessage(R answer) {
        sink.next(answer);
        call.request(1);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
        if (status.isOk()) {
            sink.complete();
        } else {
            sink.error(status.asRuntimeException(trailers));
        }
    }
}
