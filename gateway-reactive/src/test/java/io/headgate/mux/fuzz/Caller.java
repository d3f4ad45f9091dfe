package io.headgate.mux.fuzz;

import static io.headgate.mux.fuzz.HeadOracle.ensure;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.mux.internal.BackExchange;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SignalType;

/** Calls an upstream and takes the reply: all at once, piece by piece, a piece only, or not at all. */
final class Caller implements CoreSubscriber<HttpReply> {

    private final Bench bench;
    private final int manner;
    private final RequestHead head;
    private @Nullable Subscription call;
    private @Nullable HttpReply reply;
    private @Nullable Taker taker;
    private int errors;
    private int completions;
    private boolean cancelled;

    /**
     * A caller who has not called.
     *
     * @param manner what it calls, what it sends and how it takes the reply, by some bits each
     */
    Caller(Bench bench, int manner) {
        this.bench = bench;
        this.manner = manner;
        String method = switch (manner & 3) {
            case 0 -> "GET";
            case 1 -> "HEAD";
            default -> "POST";
        };
        RequestHead plain = RequestHead.of(method, "a", "/").withFields(Fields.of("sec-websocket-version", "13"));
        this.head = manner >> 5 == 7 && (manner & 3) == 0 ? plain.withUpgrade("websocket") : plain;
    }

    RequestHead head() {
        return head;
    }

    void call() {
        new BackExchangeMono().subscribe(this);
    }

    private final class BackExchangeMono extends Mono<HttpReply> {

        @Override
        public void subscribe(CoreSubscriber<? super HttpReply> actual) {
            actual.onSubscribe(new BackExchange(bench, bench.loop(), HttpExchange.of(head, body()), actual));
        }
    }

    private Body body() {
        if (head.wantsTunnel()) {
            return Body.of(bytes(2, 9).concatWith(Flux.never()));
        }
        if ((manner & 3) < 2) {
            return Body.empty();
        }
        return switch (manner >> 5) {
            case 0 -> Body.empty();
            case 1 -> Body.of(bytes(1, 5), 5, Mono.empty());
            case 2 -> Body.of(bytes(3, 5));
            case 3 -> Body.of(bytes(2, 5), Body.UNKNOWN_LENGTH, Mono.just(Fields.of("x-t", "1")));
            case 4 -> Body.of(bytes(1, 5).concatWith(Flux.error(new IllegalStateException("request failed"))));
            case 5 -> Body.of(bytes(1, 5).concatWith(Flux.never()));
            case 6 -> Body.of(bytes(2, 3000), 6000, Mono.empty());
            default -> Body.of(bytes(2, 3), 5, Mono.empty()); // it has one byte more than promised
        };
    }

    private Flux<ByteBuf> bytes(int chunks, int size) {
        return Flux.range(0, chunks).map(i -> bench.allocator.heapBuffer(size).writeZero(size));
    }

    // ---- the reply

    @Override
    public void onSubscribe(Subscription subscription) {
        call = subscription;
        subscription.request(1);
    }

    @Override
    public void onNext(HttpReply received) {
        if (reply != null) {
            bench.violated(new AssertionError("a second reply: " + received));
        }
        reply = received;
        try {
            HeadOracle.check(received.head());
        } catch (AssertionError e) {
            bench.violated(e);
        }
        switch (manner >> 2 & 7) {
            case 1, 2 -> {} // on demand
            case 3 -> received.discard();
            case 4 -> take(1).cancelsAfter(1);
            default -> take(Long.MAX_VALUE);
        }
    }

    @Override
    public void onError(Throwable error) {
        errors++;
    }

    @Override
    public void onComplete() {
        completions++;
    }

    private Taker take(long demand) {
        HttpReply received = reply;
        if (received == null) {
            throw new IllegalStateException("no reply yet");
        }
        Taker begun = new Taker(demand);
        taker = begun;
        received.body().subscribe(begun);
        return begun;
    }

    // ---- what the script says

    /** Takes a piece of what there is. */
    void demand() {
        Taker taking = taker;
        if (taking != null) {
            taking.request(1);
        } else if (reply != null && (manner >> 2 & 7) < 3) {
            take(1);
        }
    }

    void cancel() {
        cancelled = true;
        if (call != null) {
            call.cancel();
        }
        if (taker != null) {
            taker.cancel();
        } else if (reply != null) {
            reply.discard();
        }
    }

    // ---- what must be true

    void check() {
        int replies = reply == null ? 0 : 1;
        ensure(replies == completions, "replies and completions", completions);
        ensure(replies + errors <= 1, "replies and errors", errors);
        ensure(replies + errors == 1 || cancelled, "no reply and no error", head);
    }

    /** Takes a body and counts it. */
    private final class Taker extends BaseSubscriber<ByteBuf> {

        private final long demand;
        private long cancelAfter = Long.MAX_VALUE;
        private long bytes;
        private long ends;

        Taker(long demand) {
            this.demand = demand;
        }

        void cancelsAfter(long pieces) {
            cancelAfter = pieces;
        }

        @Override
        protected void hookOnSubscribe(Subscription subscription) {
            subscription.request(demand);
        }

        @Override
        protected void hookOnNext(ByteBuf piece) {
            bytes += piece.readableBytes();
            piece.release();
            compare(false);
            if (--cancelAfter == 0) {
                cancel();
            }
        }

        @Override
        protected void hookOnComplete() {
            compare(true);
        }

        @Override
        protected void hookOnError(Throwable throwable) {}

        @Override
        protected void hookFinally(SignalType type) {
            if (++ends > 1) {
                bench.violated(new AssertionError("a second end of a body: " + type));
            }
        }

        private static boolean isBodiless(int status) {
            return status == 204 || status == 304;
        }

        private void compare(boolean whole) {
            HttpReply received = reply;
            if (received == null || head.method().equals("HEAD") || isBodiless(received.status())) {
                return;
            }
            String length = received.fields().get("content-length");
            long promised = length == null ? -1 : Long.parseLong(length);
            if (promised >= 0 && (bytes > promised || whole && bytes != promised)) {
                bench.violated(
                        new AssertionError("reply body: " + bytes + " of " + promised + " bytes, whole " + whole));
            }
        }
    }
}
