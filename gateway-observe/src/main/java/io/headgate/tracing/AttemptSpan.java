package io.headgate.tracing;

import io.headgate.classify.Classification;
import io.headgate.classify.Classifier;
import io.headgate.http.CallWatch;
import io.headgate.http.ExchangeNotes;
import io.headgate.http.Fields;
import io.headgate.http.HttpExchange;
import io.headgate.http.Outcome;
import io.headgate.http.ReplyHead;
import io.headgate.http.RequestHead;
import io.headgate.resolve.Endpoint;
import io.micrometer.observation.Observation;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One attempt that is observed, to its end. */
final class AttemptSpan implements CallWatch {

    private static final Logger LOG = LoggerFactory.getLogger(AttemptSpan.class);

    private final Observation observation;
    private final AttemptContext context;

    AttemptSpan(Observation observation, AttemptContext context) {
        this.observation = observation;
        this.context = context;
    }

    Observation observation() {
        return observation;
    }

    /** The exchange with the trace context of this attempt. */
    HttpExchange exchange() {
        HttpExchange given = context.exchange();
        Fields.Builder written = context.getCarrier();
        RequestHead head = written == null ? given.head() : Carriers.replace(given.head(), written.build());
        return head == given.head() ? given : given.withHead(head);
    }

    @Override
    public void onReply(ReplyHead head) {
        context.setResponse(head);
        findEndpoint();
    }

    @Override
    public void onComplete(Fields trailers) {
        ReplyHead reply = context.getResponse();
        Classification verdict =
                reply == null ? Classification.FAILURE : classifier().atEnd(request(), reply, trailers);
        end(Outcome.COMPLETE, null, verdict);
    }

    @Override
    public void onFailure(Throwable cause) {
        end(Outcome.FAILED, cause, classifier().ofFailure(cause));
    }

    @Override
    public void onCancel() {
        end(Outcome.CANCELLED, null, classifier().atCancel(request(), context.getResponse()));
    }

    private Classifier classifier() {
        return Classifier.of(context.exchange());
    }

    private RequestHead request() {
        return context.exchange().head();
    }

    private void findEndpoint() {
        if (context.endpoint() == null) {
            context.endpoint(ExchangeNotes.of(context.exchange(), Endpoint.KEY));
        }
    }

    private void end(Outcome outcome, @Nullable Throwable cause, Classification verdict) {
        findEndpoint();
        context.end(outcome, cause, verdict);
        try {
            if (cause != null) {
                observation.error(cause);
            } else if (AttemptConvention.isError(context, verdict)) {
                observation.error(FailedReplyException.of(context.getResponse(), verdict));
            }
            observation.stop();
        } catch (RuntimeException e) {
            LOG.error("attempt of {}: cannot be traced to its end", context.exchange(), e);
        }
    }
}
