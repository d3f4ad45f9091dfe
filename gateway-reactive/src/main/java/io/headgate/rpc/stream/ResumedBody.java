package io.headgate.rpc.stream;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import java.util.concurrent.atomic.AtomicBoolean;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Operators;

/** All parts of a download as the one body that its consumer sees. */
final class ResumedBody extends Body {

    private final Download download;
    private final Body first;
    private final AtomicBoolean used = new AtomicBoolean();

    ResumedBody(Download download, Body first) {
        this.download = download;
        this.first = first;
    }

    @Override
    public long length() {
        return download.length();
    }

    @Override
    public Mono<Fields> trailers() {
        return download.trailers();
    }

    @Override
    public void discard() {
        if (used.compareAndSet(false, true)) {
            first.discard();
        }
    }

    @Override
    public void subscribe(CoreSubscriber<? super ByteBuf> actual) {
        if (used.compareAndSet(false, true)) {
            // who cancels in onSubscribe keeps the first part from being subscribed, and nobody else would drop it
            download.parts().doOnCancel(first::discard).subscribe(actual);
        } else {
            Operators.error(actual, SeekableBody.usedTwice());
        }
    }
}
