package io.headgate.rpc.endpoint;

import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.Exceptions;
import reactor.core.publisher.Operators;
import reactor.util.context.Context;

/** One call of a handler: reads the values, calls, and makes a reply of what comes back. It begins with the first demand. */
final class Handling extends ElementReader implements Inflow.Head {

    private static final AtomicIntegerFieldUpdater<Handling> BEGUN =
            AtomicIntegerFieldUpdater.newUpdater(Handling.class, "begun");

    private final Endpoint endpoint;
    private final RpcRequest request;
    private final CoreSubscriber<? super RpcReply> actual;
    private final @Nullable Object[] arguments;
    private volatile @Nullable Inflow inflow;

    @SuppressWarnings("UnusedVariable") // by its updater
    private volatile int begun;

    Handling(Endpoint endpoint, RpcRequest request, CoreSubscriber<? super RpcReply> actual) {
        super(endpoint.signature().valueFormat());
        this.endpoint = endpoint;
        this.request = request;
        this.actual = actual;
        this.arguments = new @Nullable Object[endpoint.signature().method().getParameterCount()];
    }

    @Override
    public Context currentContext() {
        return actual.currentContext();
    }

    // ---- the caller

    @Override
    public void request(long n) {
        if (Operators.validate(n) && BEGUN.compareAndSet(this, 0, 1)) {
            begin();
        }
    }

    @Override
    public void cancel() {
        if (BEGUN.getAndSet(this, 1) == 0) {
            request.body().discard();
        }
        if (winAndCancel()) {
            endInput();
        }
    }

    private void begin() {
        Signature signature = endpoint.signature();
        RpcException objection = endpoint.objection(request);
        if (objection != null) {
            request.body().discard();
            refuse(objection);
            return;
        }
        if (signature.context() >= 0) {
            arguments[signature.context()] = RpcContext.of(request);
        }
        Format stream = signature.streamFormat();
        if (stream != null) {
            beginStream(signature, stream);
        } else if (request.body().isEmpty()) {
            onComplete();
        } else {
            request.body().subscribe(this);
        }
    }

    private void beginStream(Signature signature, Format stream) {
        Format values = signature.valueFormat();
        if (values != null && !signature.valuesInFields()) {
            open(signature, Inflow.behind(this, stream, request.body(), currentContext()))
                    .readHead();
            return;
        }
        Inflow opened = open(signature, Inflow.of(stream, request.body()));
        try {
            if (values != null) {
                signature.place(ValueField.decode(request.fields(), values), arguments);
            }
        } catch (RpcException e) {
            opened.finish();
            refuse(e);
            return;
        }
        invoke();
    }

    private Inflow open(Signature signature, Inflow opened) {
        inflow = opened;
        arguments[signature.stream()] = opened;
        if (isOver()) {
            opened.finish(); // a cancellation did not see it
        }
        return opened;
    }

    // ---- the values

    @Override
    RpcException unexpected() {
        return RpcException.of(
                RpcStatus.INVALID_ARGUMENT,
                endpoint.signature().name() + ": a body (expected: none, for "
                        + endpoint.signature().info() + ')');
    }

    @Override
    void onElement(@Nullable Object element, boolean isPresent) {
        Signature signature = endpoint.signature();
        Format format = signature.valueFormat();
        if (format != null && !isPresent) {
            refuse(format.missing());
            return;
        }
        signature.place(element, arguments);
        invoke();
    }

    @Override
    void onFailure(Throwable error) {
        endInput();
        actual.onError(error);
    }

    @Override
    public void read(ByteBuf element) {
        Signature signature = endpoint.signature();
        Format format = signature.valueFormat();
        try {
            if (format != null) {
                signature.place(format.decode(element), arguments);
            }
        } catch (RpcException e) {
            failed(e);
            return;
        }
        invoke();
    }

    @Override
    public void missing() {
        Format format = endpoint.signature().valueFormat();
        if (format != null) {
            failed(format.missing());
        }
    }

    @Override
    public void failed(Throwable error) {
        endInput();
        refuse(error);
    }

    private void refuse(Throwable error) {
        if (win()) {
            actual.onError(error);
        }
    }

    // ---- the handler

    private void invoke() {
        if (isOver()) {
            for (Object argument : arguments) {
                if (argument != null) {
                    Relay.drop(argument);
                }
            }
            return;
        }
        Object result;
        try {
            result = endpoint.invoke(arguments);
        } catch (Throwable e) {
            Exceptions.throwIfJvmFatal(e);
            failed(e);
            return;
        }
        Format format = endpoint.signature().result();
        if (endpoint.signature().flux() && format != null) {
            answer((Publisher<?>) result, format);
        } else {
            subscribe((Publisher<?>) result, format);
        }
    }

    private void subscribe(Publisher<?> result, @Nullable Format format) {
        result.subscribe(new ResultReader(format));
    }

    private void answer(Publisher<?> result, Format format) {
        Body body = format.isRaw() && inflow == null && result instanceof Body ready
                ? ready
                : EncodedBody.ofHandler(format, result, currentContext(), this::endInput);
        Throwable failure = body instanceof EncodedBody encoded ? encoded.failure() : null;
        if (failure != null) {
            body.discard();
            failed(failure);
        } else if (win()) {
            emit(RpcReply.of(format.content(), body));
        } else {
            body.discard();
        }
    }

    private void emit(RpcReply reply) {
        actual.onNext(reply);
        actual.onComplete();
    }

    /** Whatever the handler did not read of its stream is of no use any more. */
    private void endInput() {
        Inflow stream = inflow;
        if (stream != null) {
            stream.finish();
        }
    }

    /** Waits for the one value of a handler. */
    private final class ResultReader implements CoreSubscriber<Object> {

        private final @Nullable Format format;
        private boolean done;

        ResultReader(@Nullable Format format) {
            this.format = format;
        }

        @Override
        public Context currentContext() {
            return actual.currentContext();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            if (hold(subscription)) {
                subscription.request(Long.MAX_VALUE);
            }
        }

        @Override
        public void onNext(Object value) {
            if (done || format == null || !win()) {
                Relay.drop(value);
                return;
            }
            done = true;
            endInput();
            ByteBuf element;
            try {
                element = format.encode(value);
            } catch (RpcException e) {
                actual.onError(e);
                return;
            }
            emit(RpcReply.of(format.content(), Body.of(element)));
        }

        @Override
        public void onError(Throwable error) {
            if (!done) {
                done = true;
                failed(error);
            }
        }

        @Override
        public void onComplete() {
            if (!done) {
                done = true;
                endInput();
                if (win()) {
                    emit(RpcReply.of(Content.NONE, Body.empty()));
                }
            }
        }
    }
}
