package io.headgate.metrics;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ForwardingClientCallListener.SimpleForwardingClientCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.headgate.classify.Classification;
import io.headgate.classify.Classifier;
import io.headgate.http.Fields;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.metrics.HttpTargetSeries.Requests;
import org.jspecify.annotations.Nullable;

/**
 * Measures what is asked of a control plane by gRPC: an interceptor for the channel to it.
 *
 * <pre>{@code
 * ManagedChannel channel = NettyChannelBuilder.forTarget("destination:8086")
 *         .intercept(HttpControlCalls.of(metrics, "destination:8086", null))
 *         .build();
 * }</pre>
 *
 * <p>A call counts when it starts and, as a stream may never end, is recorded when it is over. Holds its series as long as the channel
 * has it. Any thread may call.
 */
public final class HttpControlCalls implements ClientInterceptor {

    private static final RequestHead REQUEST =
            new RequestHead("POST", "http", "control", "/", Fields.of("content-type", "application/grpc"));
    private static final ReplyHead REPLY = new ReplyHead(200, Fields.empty());
    private static final int HTTP_2 = 2;

    private final HttpTargetSeries series;
    private final int traits;

    private HttpControlCalls(HttpTargets targets, HttpTarget.Control target) {
        series = targets.hold(this, target).series();
        boolean secure = target.serverId() != null;
        traits = HttpRequestTraits.index("POST", HTTP_2, secure, secure);
    }

    /**
     * Measures calls.
     *
     * @param metrics records them
     * @param address of the control plane, as it is configured
     * @param serverId who it has to prove to be, or null in cleartext
     * @return the interceptor
     */
    public static HttpControlCalls of(HttpMetrics metrics, String address, @Nullable String serverId) {
        return new HttpControlCalls(metrics.targets(), new HttpTarget.Control(address, serverId));
    }

    @Override
    public <I, O> ClientCall<I, O> interceptCall(MethodDescriptor<I, O> method, CallOptions options, Channel next) {
        return new SimpleForwardingClientCall<>(next.newCall(method, options)) {
            @Override
            public void start(Listener<O> listener, Metadata headers) {
                super.start(new Measured<>(listener), headers);
            }
        };
    }

    private final class Measured<O> extends SimpleForwardingClientCallListener<O> {

        private final Requests requests = series.requests(traits);
        private final long began = series.owner().now();
        private long headAfter = -1;

        Measured(ClientCall.Listener<O> listener) {
            super(listener);
            requests.seen().began();
        }

        @Override
        public void onHeaders(Metadata headers) {
            headAfter = series.owner().now() - began;
            super.onHeaders(headers);
        }

        @Override
        public void onClose(Status status, Metadata trailers) {
            HttpTargets targets = series.owner();
            Fields ended =
                    Fields.of("grpc-status", Integer.toString(status.getCode().value()));
            Classification verdict = Classifier.standard().atEnd(REQUEST, REPLY, ended);
            int code = headAfter < 0 ? HttpReplyTraits.NO_STATUS : REPLY.status();
            requests.seen().left();
            requests.reply(code, targets.verdicts().indexOf(verdict)).ended(targets.now() - began, headAfter, -1, -1);
            super.onClose(status, trailers);
        }
    }

    @Override
    public String toString() {
        return "metrics of " + series.target();
    }
}
