package io.headgate.mux;

import io.headgate.GatewayException;
import io.headgate.Trait;
import io.headgate.classify.Classification;
import io.headgate.classify.Classified;
import io.netty.handler.codec.http2.Http2Error;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An exchange with an upstream failed. The message tells a client no more than it may know; addresses and causes are in
 * the cause, for the log.
 */
public final class UpstreamException extends GatewayException implements Classified {

    private static final long serialVersionUID = 1L;

    /** What went wrong; decides the status. */
    public enum Failure {
        /** No connection could be made. */
        CONNECT(503, "upstream: no connection"),
        /** All connections are busy and the queue is full, or waiting took too long. */
        OVERLOADED(503, "upstream: all connections are busy"),
        /** The upstream refused the stream without processing it (REFUSED_STREAM, GOAWAY). */
        REFUSED(503, "upstream: refused without processing"),
        /** The connection was lost, or the stream reset, after the request had begun to be sent. */
        LOST(502, "upstream: lost before the end of the reply"),
        /** The upstream sent what is not valid HTTP. */
        PROTOCOL(502, "upstream: invalid reply"),
        /** The upstream took too long. */
        TIMEOUT(504, "upstream: timed out");

        private final int status;
        private final String message;

        Failure(int status, String message) {
            this.status = status;
            this.message = message;
        }
    }

    private static final Classification[] RESETS = Stream.of(Http2Error.values())
            .map(error -> new Classification(false, Classification.NO_GRPC_STATUS, "h2(" + error + ")"))
            .toArray(Classification[]::new);
    private static final Classification UNKNOWN_RESET =
            new Classification(false, Classification.NO_GRPC_STATUS, "h2(UNKNOWN)");

    /** The {@link #resetCode} of a failure that was no reset. */
    public static final long NO_CODE = -1;

    private final Failure failure;
    private final long resetCode;

    private UpstreamException(Failure failure, Set<Trait> traits, long resetCode, @Nullable Throwable cause) {
        super(failure.status, traits, failure.message, cause, false);
        this.failure = failure;
        this.resetCode = resetCode;
    }

    /**
     * A failure of an exchange that the upstream may have processed.
     *
     * @param failure what went wrong
     * @param cause for the log, or null
     * @return the exception
     */
    public static UpstreamException of(Failure failure, @Nullable Throwable cause) {
        return new UpstreamException(failure, EnumSet.noneOf(Trait.class), NO_CODE, cause);
    }

    /**
     * The upstream reset the stream of an exchange that it may have processed.
     *
     * @param code the error code of its RST_STREAM
     * @param cause for the log, or null
     * @return the exception, a {@link Failure#LOST}
     */
    public static UpstreamException reset(long code, @Nullable Throwable cause) {
        return new UpstreamException(Failure.LOST, EnumSet.noneOf(Trait.class), code, cause);
    }

    /**
     * A failure of an exchange that no upstream can have processed and whose body nobody has read: it may be made again.
     *
     * @param failure what went wrong
     * @param cause for the log, or null
     * @return the exception
     */
    public static UpstreamException unprocessed(Failure failure, @Nullable Throwable cause) {
        Set<Trait> traits = failure == Failure.OVERLOADED
                ? EnumSet.of(Trait.RETRYABLE, Trait.REJECTED)
                : EnumSet.of(Trait.RETRYABLE);
        return new UpstreamException(failure, traits, NO_CODE, cause);
    }

    /**
     * What went wrong.
     *
     * @return the kind of failure
     */
    public Failure failure() {
        return failure;
    }

    /**
     * Why an HTTP/2 upstream reset the stream; gRPC makes a status of it.
     *
     * @return an error code of RFC 9113 section 7, or {@link #NO_CODE}
     */
    public long resetCode() {
        return resetCode;
    }

    /** A stream that was reset is classified by its error code; all else by the general rules. */
    @Override
    public @Nullable Classification classification() {
        if (resetCode == NO_CODE) {
            return null;
        }
        Http2Error error = Http2Error.valueOf(resetCode);
        return error == null ? UNKNOWN_RESET : RESETS[error.ordinal()];
    }
}
