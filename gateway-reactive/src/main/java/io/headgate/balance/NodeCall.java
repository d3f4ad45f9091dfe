package io.headgate.balance;

import io.headgate.balance.internal.Node;
import io.headgate.http.CallWatch;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.ReplyHead;
import org.jspecify.annotations.Nullable;

/** Watches a call at an endpoint, and gives back what it holds when it ends. */
final class NodeCall implements CallWatch {

    private final Balancer balancer;
    private final Node node;
    private final HttpExchange exchange;
    private final long began;
    private @Nullable ReplyHead reply;
    private boolean answered;
    private boolean judged;

    NodeCall(Balancer balancer, Node node, HttpExchange exchange) {
        this.balancer = balancer;
        this.node = node;
        this.exchange = exchange;
        this.began = balancer.now();
    }

    @Override
    public void onReply(ReplyHead head) {
        reply = head;
        long penalty = balancer.penalties().atHead(exchange, head);
        judged = penalty != Penalties.LATER;
        if (penalty > 0) {
            answered(penalty);
        }
    }

    @Override
    public void onData(int bytes) {
        if (!answered) {
            answered(elapsed());
            balancer.freed(node);
        }
    }

    @Override
    public void onComplete(Fields trailers) {
        long penalty =
                judged || reply == null ? Penalties.NONE : balancer.penalties().atEnd(exchange, reply, trailers);
        if (penalty > 0) {
            failed(penalty);
        } else if (!answered) {
            answered(elapsed());
        }
        end();
    }

    @Override
    public void onFailure(Throwable cause) {
        long penalty = balancer.penalties().of(exchange, cause);
        if (penalty > 0) {
            failed(penalty);
            end();
        } else {
            onCancel();
        }
    }

    @Override
    public void onCancel() {
        if (!answered) {
            long now = balancer.now();
            balancer.latency().observeAtLeast(node, now - began, now);
            answered = true;
            node.answered();
        }
        end();
    }

    private long elapsed() {
        return balancer.now() - began;
    }

    private void answered(long nanos) {
        answered = true;
        node.answered();
        balancer.latency().observe(node, nanos, balancer.now());
    }

    /** After the first byte, too: that came in time, and was not worth it. */
    private void failed(long penalty) {
        if (answered) {
            balancer.latency().observe(node, penalty, balancer.now());
        } else {
            answered(penalty);
        }
    }

    private void end() {
        balancer.ended(node);
    }
}
