package io.headgate.metrics;

import io.headgate.classify.Classification;
import io.headgate.classify.Classifier;
import io.headgate.http.CallWatch;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.ReplyHead;
import io.headgate.metrics.HttpTargetSeries.Requests;
import org.jspecify.annotations.Nullable;

/** One call or attempt on its way: counted when it begins, judged and recorded when it is over. */
final class HttpCallWatch implements CallWatch {

    private final Requests requests;
    private final HttpExchange exchange;
    private final long began;
    private @Nullable ReplyHead reply;
    private long headAfter = -1;
    private long bytes;

    HttpCallWatch(Requests requests, HttpExchange exchange) {
        this.requests = requests;
        this.exchange = exchange;
        this.began = requests.of().owner().now();
        requests.seen().began();
    }

    @Override
    public void onReply(ReplyHead head) {
        reply = head;
        headAfter = requests.of().owner().now() - began;
    }

    @Override
    public void onData(int more) {
        bytes += more;
    }

    @Override
    public void onComplete(Fields trailers) {
        ReplyHead head = reply;
        Classifier classifier = Classifier.of(exchange);
        ended(
                head == null
                        ? classifier.atCancel(exchange.head(), null)
                        : classifier.atEnd(exchange.head(), head, trailers));
    }

    @Override
    public void onFailure(Throwable cause) {
        ended(Classifier.of(exchange).ofFailure(cause));
    }

    @Override
    public void onCancel() {
        ended(Classifier.of(exchange).atCancel(exchange.head(), reply));
    }

    private void ended(Classification verdict) {
        HttpTargets targets = requests.of().owner();
        requests.seen().left();
        requests.reply(
                        reply == null ? HttpReplyTraits.NO_STATUS : reply.status(),
                        targets.verdicts().indexOf(verdict))
                .ended(targets.now() - began, headAfter, -1, bytes);
    }
}
