package io.headgate.function.async;

import io.headgate.GatewayException;
import io.headgate.function.async.AsyncRetries.Verdict;
import io.headgate.function.model.CallStatus;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Decides how a call goes on after a failure: the engine of retries, without time and store. */
final class Aftermath {

    private static final Logger LOG = LoggerFactory.getLogger(AsyncCalls.class);
    private static final byte[] NOTHING = {};
    private static final int MOST_ERROR_CHARS = 1000;

    private final AsyncSettings settings;

    Aftermath(AsyncSettings settings) {
        this.settings = settings;
    }

    /** Tells whether the attempt does not count. */
    boolean isUntried(Outcome.Failed failed) {
        return settings.retries().of(failed.why()) == Verdict.LATER;
    }

    static CallEnd answered(CallResult result, Instant now, byte[] log) {
        return new CallEnd(CallStatus.SUCCESS, now, now, null, result, log);
    }

    static CallEnd over(Outcome.Over over, Instant now, byte[] log) {
        return new CallEnd(CallStatus.ERROR, now, now, over.why(), null, log);
    }

    CallEnd failed(LeasedCall call, Outcome.Failed failed, Instant now, double random, byte[] log) {
        String error = text(call, failed.why());
        Instant again = again(call, failed, now, random);
        return again == null
                ? new CallEnd(finalStatus(failed.why()), now, now, error, null, log)
                : new CallEnd(CallStatus.QUEUED, now, again, error, null, log);
    }

    /** An end that every store takes: the call is over, and what came of it is not known. */
    static CallEnd bare(CallEnd end) {
        return new CallEnd(
                CallStatus.ERROR, end.at(), end.at(), "its end could not be recorded as it was", null, NOTHING);
    }

    /** When the call is tried again, or null when it is not. */
    private @Nullable Instant again(LeasedCall call, Outcome.Failed failed, Instant now, double random) {
        int attempts = failed.fn() == null ? settings.maxAttempts() : AsyncAnnotations.attempts(failed.fn(), settings);
        if (settings.retries().of(failed.why()) == Verdict.NEVER || call.attempt() >= attempts) {
            return null;
        }
        Instant at = now.plusMillis(settings.retryBackoff().nanos(call.attempt(), random) / 1_000_000);
        return at.isBefore(call.call().expiresAt()) ? at : null;
    }

    private static CallStatus finalStatus(Throwable why) {
        return why instanceof FunctionException known
                        && (known.kind() == ErrorKind.TIMED_OUT || known.kind() == ErrorKind.START_TIMED_OUT)
                ? CallStatus.TIMEOUT
                : CallStatus.ERROR;
    }

    /** What users may see; all else goes to the log. */
    static String text(LeasedCall call, Throwable why) {
        if (!(why instanceof GatewayException)) {
            LOG.error(
                    "Call {} of function {} failed",
                    call.call().id(),
                    call.call().fnId(),
                    why);
            return "internal error";
        }
        String message =
                String.valueOf(why.getMessage()).replaceAll("\\p{Cntrl}", " "); // not every database keeps them
        return message.length() <= MOST_ERROR_CHARS ? message : message.substring(0, MOST_ERROR_CHARS) + "...";
    }
}
