package io.headgate.function.invoke;

import io.headgate.function.model.FunctionException;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.util.context.Context;

/** Reads what a function says of its failure, so that the instance can be kept; the beginning of it goes to the log with the failure. */
final class FaultSubscriber implements CoreSubscriber<ByteBuf> {

    private static final int MOST = 1024;

    private final FunctionException verdict;
    private final CoreSubscriber<? super InvocationReply> actual;
    private final StringBuilder text = new StringBuilder();

    FaultSubscriber(FunctionException verdict, CoreSubscriber<? super InvocationReply> actual) {
        this.verdict = verdict;
        this.actual = actual;
    }

    @Override
    public Context currentContext() {
        return actual.currentContext();
    }

    @Override
    public void onSubscribe(Subscription subscription) {
        subscription.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(ByteBuf buffer) {
        int length = Math.min(buffer.readableBytes(), MOST - text.length());
        if (length > 0) {
            text.append(buffer.toString(buffer.readerIndex(), length, StandardCharsets.UTF_8));
        }
        buffer.release();
    }

    @Override
    public void onError(Throwable error) {
        actual.onError(error);
    }

    @Override
    public void onComplete() {
        actual.onError(
                text.isEmpty()
                        ? verdict
                        : new FunctionException(
                                verdict.kind(), String.valueOf(verdict.getMessage()), new Said(text.toString())));
    }

    /** The words of the function. */
    private static final class Said extends RuntimeException {

        private static final long serialVersionUID = 1L;

        Said(String text) {
            super(text, null, false, false);
        }
    }
}
