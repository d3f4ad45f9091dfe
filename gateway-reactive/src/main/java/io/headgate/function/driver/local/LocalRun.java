package io.headgate.function.driver.local;

import io.headgate.GatewayException;
import io.headgate.Service;
import io.headgate.function.driver.InstanceFailure;
import io.headgate.function.driver.InstanceReply;
import io.headgate.function.driver.InstanceRequest;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Body;
import io.headgate.http.BodyWatch;
import io.headgate.http.Fields;
import io.headgate.mux.internal.CutFlux;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.CoreSubscriber;
import reactor.core.Scannable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;
import reactor.core.publisher.Sinks;
import reactor.util.context.Context;

/** One call of an instance, until its reply has been read. What the function fails with becomes a reply, as it does elsewhere. */
final class LocalRun implements CoreSubscriber<InstanceReply>, Subscription, BodyWatch, Scannable {

    private static final Logger LOG = LoggerFactory.getLogger(LocalRun.class);

    private enum State {
        WAITING,
        ANSWERED,
        OVER
    }

    private final LocalInstance instance;
    private final InstanceRequest request;
    private final CoreSubscriber<? super InstanceReply> actual;
    private final AtomicReference<State> state = new AtomicReference<>(State.WAITING);
    private final Sinks.Empty<Void> cut = Sinks.empty();
    private volatile @Nullable Subscription upstream;

    LocalRun(LocalInstance instance, InstanceRequest request, CoreSubscriber<? super InstanceReply> actual) {
        this.instance = instance;
        this.request = request;
        this.actual = actual;
    }

    boolean isOver() {
        return state.get() == State.OVER;
    }

    /** A service may fail in any way, and return no answer at all. */
    void start(Service<InstanceRequest, InstanceReply> service) {
        Mono.defer(() -> service.call(request)).subscribe(this);
    }

    /** The instance takes no call any more: this one has not begun, and its input is its caller's again. */
    void refuse() {
        if (state.compareAndSet(State.WAITING, State.OVER)) {
            actual.onError(InstanceFailure.of(
                    InstanceFailure.Reason.UNREACHABLE,
                    "instance: ended before the call (expected: a live one)",
                    null));
        }
    }

    /** The instance is gone: the call fails, before its reply or in the middle of it. */
    void kill() {
        if (state.compareAndSet(State.WAITING, State.OVER)) {
            cancelUpstream();
            request.body().discard();
            actual.onError(gone("instance: ended before it answered"));
        } else {
            cut.tryEmitError(gone("instance: ended in the middle of a reply"));
        }
    }

    @Override
    public Context currentContext() {
        return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        if (Operators.validate(upstream, subscription)) {
            upstream = subscription;
            if (isOver()) {
                subscription.cancel(); // who ended the call did not see it
            } else {
                subscription.request(Long.MAX_VALUE);
            }
        }
    }

    @Override
    public void onNext(InstanceReply reply) {
        if (!state.compareAndSet(State.WAITING, State.ANSWERED)) {
            reply.body().discard();
            return;
        }
        if (reply.body().isEmpty()) {
            over();
            actual.onNext(reply);
        } else {
            actual.onNext(new InstanceReply(
                    reply.status(),
                    reply.fields(),
                    reply.body()
                            .via(buffers -> new CutFlux(buffers, cut.asMono()))
                            .watched(this)));
        }
        actual.onComplete();
    }

    @Override
    public void onError(Throwable error) {
        if (state.compareAndSet(State.WAITING, State.OVER)) {
            LOG.debug("{} failed", instance, error);
            request.body().discard();
            instance.left(this);
            actual.onNext(thrown(error));
            actual.onComplete();
        }
    }

    private static InstanceReply thrown(Throwable error) {
        int status = error instanceof GatewayException known && known.status() == 504 ? 504 : 502;
        return new InstanceReply(status, Fields.empty(), Body.utf8(String.valueOf(error.getMessage())));
    }

    @Override
    public void onComplete() {
        if (state.compareAndSet(State.WAITING, State.OVER)) {
            request.body().discard();
            instance.left(this);
            actual.onError(gone("function: returned nothing (expected: an output, if an empty one)"));
        }
    }

    private static FunctionException gone(String message) {
        return InstanceFailure.of(InstanceFailure.Reason.DISCONNECTED, message, null);
    }

    private void over() {
        if (state.getAndSet(State.OVER) != State.OVER) {
            instance.left(this);
        }
    }

    @Override
    public void onComplete(Fields trailers) {
        over();
    }

    @Override
    public void onFailure(Throwable cause) {
        over();
    }

    @Override
    public void onCancel() {
        over();
    }

    @Override
    public void request(long n) {
        Operators.validate(n); // there is one reply, and it comes when it is there
    }

    @Override
    public void cancel() {
        if (state.compareAndSet(State.WAITING, State.OVER)) {
            cancelUpstream();
            request.body().discard();
            instance.left(this);
        }
    }

    private void cancelUpstream() {
        Subscription source = upstream;
        if (source != null) {
            source.cancel();
        }
    }

    @Override
    public @Nullable Object scanUnsafe(@SuppressWarnings("rawtypes") Attr key) {
        if (key == Attr.PARENT) {
            return upstream;
        }
        return key == Attr.ACTUAL ? actual : null;
    }
}
