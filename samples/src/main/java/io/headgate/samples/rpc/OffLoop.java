package io.headgate.samples.rpc;

import io.headgate.Stage;
import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** Calls what may block elsewhere than on the event loop. */
public final class OffLoop {

    private static final int MOST_ARGUMENTS = 64 * 1024;

    private OffLoop() {}

    /**
     * Endpoints whose names begin alike are called on another thread, once their arguments are there. Streams of octets come and go
     * as they did.
     *
     * @param prefix how the names begin
     * @param scheduler whose threads may block
     * @return the stage
     */
    public static Stage<RpcRequest, RpcReply> stage(String prefix, Scheduler scheduler) {
        return Stage.around((request, next) -> {
            if (!request.endpoint().startsWith(prefix)) {
                return next.call(request);
            }
            return request.content() == Content.JSON
                    ? request.body()
                            .aggregate(MOST_ARGUMENTS)
                            .publishOn(scheduler)
                            .flatMap(arguments -> next.call(request.withBody(Body.of(arguments))))
                    : Mono.defer(() -> next.call(request)).subscribeOn(scheduler);
        });
    }
}
