package io.headgate.function.invoke;

import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.http.HttpReply;
import io.netty.buffer.ByteBuf;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import reactor.core.Disposable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** A call whose caller is told that it runs, and nothing else. Until then the caller may give it up; from then on it is on its own. */
final class DetachedRun implements InvocationWatch {

    private static final Logger LOG = LoggerFactory.getLogger(DetachedRun.class);

    private final String id;
    private final Sinks.One<HttpReply> answer = Sinks.one();
    private volatile boolean started;

    private DetachedRun(String id) {
        this.id = id;
    }

    static Mono<HttpReply> run(Invoker invoker, Invocation invocation) {
        return Mono.defer(() -> {
            DetachedRun run = new DetachedRun(invocation.id());
            Disposable running = invoker.invoke(invocation.withWatch(run))
                    .flatMapMany(InvocationReply::body)
                    .subscribe(ByteBuf::release, run::failed, run::accepted);
            return run.answer.asMono().doOnCancel(() -> {
                if (!run.started) {
                    running.dispose();
                }
            });
        });
    }

    @Override
    public void started(boolean cold, long waitedNanos) {
        started = true;
        accepted();
    }

    private void accepted() {
        answer.tryEmitValue(HttpReply.of(202, Fields.of(ReplyFields.CALL_ID, id), Body.empty()));
    }

    private void failed(Throwable error) {
        if (answer.tryEmitError(error).isFailure()) {
            LOG.debug("detached call {} failed", id, error);
        }
    }
}
