package io.headgate.rpc.internal;

import io.headgate.GatewayException;
import io.headgate.Trait;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place where what a handler threw becomes what its caller may know. */
public final class Faults {

    private static final Logger LOG = LoggerFactory.getLogger("io.headgate.rpc");

    private Faults() {}

    /**
     * Makes a failure that may be sent.
     *
     * @param endpoint what was called
     * @param error what the handler failed with
     * @return the failure itself when its text is meant for callers, else a masked one whose id is in the log beside the error
     */
    public static RpcException toSend(String endpoint, Throwable error) {
        if (error instanceof RpcException rpc) {
            return rpc;
        }
        if (error instanceof GatewayException known) {
            RpcStatus status = RpcStatus.ofHttp(known.status());
            return known.is(Trait.RETRYABLE)
                    ? RpcException.refused(status, text(known))
                    : RpcException.of(status, text(known), known);
        }
        if (error instanceof CancellationException) {
            return RpcException.of(RpcStatus.CANCELLED, endpoint + ": cancelled by its handler", error);
        }
        if (error instanceof TimeoutException) {
            return RpcException.of(RpcStatus.DEADLINE_EXCEEDED, endpoint + ": timed out in its handler", error);
        }
        String id = Long.toHexString(ThreadLocalRandom.current().nextLong());
        LOG.error("{} failed, id {}", endpoint, id, error);
        return RpcException.of(RpcStatus.INTERNAL, endpoint + ": internal error, id " + id, error);
    }

    private static String text(Throwable error) {
        String message = error.getMessage();
        return message == null ? error.getClass().getSimpleName() : message;
    }
}
