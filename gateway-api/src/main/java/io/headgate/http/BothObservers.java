package io.headgate.http;

import org.jspecify.annotations.Nullable;

/** Two observers of one exchange. One that throws keeps nothing from the other. */
record BothObservers(ExchangeObserver first, ExchangeObserver second) implements ExchangeObserver {

    static Factory of(Factory first, Factory second) {
        if (first == Factory.NONE) {
            return second;
        }
        return second == Factory.NONE ? first : exchange -> observe(first, second, exchange);
    }

    private static @Nullable ExchangeObserver observe(Factory first, Factory second, HttpExchange exchange) {
        ExchangeObserver one = ask(first, exchange);
        ExchangeObserver other = ask(second, exchange);
        if (one == null) {
            return other;
        }
        return other == null ? one : new BothObservers(one, other);
    }

    private static @Nullable ExchangeObserver ask(Factory factory, HttpExchange exchange) {
        try {
            return factory.observe(exchange);
        } catch (RuntimeException e) {
            return new FailedToObserve(e);
        }
    }

    /** Stands for an observer that its factory could not make, so that the other one is told all the same: fails at the end. */
    private record FailedToObserve(RuntimeException why) implements ExchangeObserver {

        @Override
        public void onEnd(Outcome outcome, @Nullable Throwable cause) {
            throw why;
        }
    }

    @Override
    public void onRequestData(int bytes) {
        try {
            first.onRequestData(bytes);
        } finally {
            second.onRequestData(bytes);
        }
    }

    @Override
    public void onRequestEnd() {
        try {
            first.onRequestEnd();
        } finally {
            second.onRequestEnd();
        }
    }

    @Override
    public void onReplyHead(ReplyHead head) {
        try {
            first.onReplyHead(head);
        } finally {
            second.onReplyHead(head);
        }
    }

    @Override
    public void onReplyData(int bytes) {
        try {
            first.onReplyData(bytes);
        } finally {
            second.onReplyData(bytes);
        }
    }

    @Override
    public void onReplyTrailers(Fields trailers) {
        try {
            first.onReplyTrailers(trailers);
        } finally {
            second.onReplyTrailers(trailers);
        }
    }

    @Override
    public void onEnd(Outcome outcome, @Nullable Throwable cause) {
        try {
            first.onEnd(outcome, cause);
        } finally {
            second.onEnd(outcome, cause);
        }
    }
}
