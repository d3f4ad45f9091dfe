package io.headgate.rpc.stream;

import io.headgate.Layer;
import io.headgate.Stage;
import io.headgate.retry.Backoff;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * Lets raw streams ({@link Content#OCTETS}) go on at the byte where a connection was lost, when both ends have the stage for
 * it. Neither end keeps sessions: the caller knows what it has got, and the callee what it has stored.
 *
 * <pre>{@code
 * Service<RpcRequest, RpcReply> calls = Resume.DEFAULTS.downloads().andThen(Resume.DEFAULTS.uploads()).apply(client);
 * Service<RpcRequest, RpcReply> handler = Resume.offers().andThen(Resume.takes(spool)).apply(endpoints);
 * }</pre>
 *
 * <p><b>Losses</b> are {@link io.headgate.rpc.RpcStatus#UNAVAILABLE}, failures with the trait RETRYABLE, and
 * {@link java.io.IOException}. Everything else, and cancellation, ends the stream as it would without this. Each new call goes
 * through the same service, which connects anew or picks another peer; its deadline is that of the first.
 *
 * <p><b>Threading.</b> Any. After a wait the call is made again on the timer's thread.
 *
 * <p>Immutable; each {@code with} method returns a copy.
 */
public final class Resume {

    /** Ten losses in a row without a byte, waits of 100 ms to 10 seconds between them, no checksum. */
    public static final Resume DEFAULTS = new Resume(
            Backoff.exponential(Duration.ofMillis(100), Duration.ofSeconds(10)),
            10,
            Checksum.NONE,
            null,
            ResumeListener.NONE,
            () -> ThreadLocalRandom.current().nextDouble());

    private final Backoff backoff;
    private final int attempts;
    private final Checksum checksum;
    private final @Nullable Scheduler timer;
    private final ResumeListener listener;
    private final DoubleSupplier random;

    private Resume(
            Backoff backoff,
            int attempts,
            Checksum checksum,
            @Nullable Scheduler timer,
            ResumeListener listener,
            DoubleSupplier random) {
        this.backoff = Objects.requireNonNull(backoff, "backoff");
        this.attempts = attempts;
        this.checksum = Objects.requireNonNull(checksum, "checksum");
        this.timer = timer;
        this.listener = Objects.requireNonNull(listener, "listener");
        this.random = random;
        if (attempts < 1) {
            throw new IllegalArgumentException("attempts: " + attempts + " (expected: at least 1)");
        }
    }

    /**
     * A copy with other waits.
     *
     * @param changed how long to wait after the first loss without a byte in between, the second, and so on
     * @return the copy
     */
    public Resume withBackoff(Backoff changed) {
        return new Resume(changed, attempts, checksum, timer, listener, random);
    }

    /**
     * A copy with another bound. A byte that comes across starts the count anew.
     *
     * @param changed how many losses without a byte in between are borne, 1 or more
     * @return the copy
     */
    public Resume withAttempts(int changed) {
        return new Resume(backoff, changed, checksum, timer, listener, random);
    }

    /**
     * A copy that has the whole stream checked by its receiver, who fails with DATA_LOSS when it is not what was sent. The
     * sender reads what comes before the point of resumption once more, to sum it.
     *
     * @param changed how
     * @return the copy
     */
    public Resume withChecksum(Checksum changed) {
        return new Resume(backoff, attempts, changed, timer, listener, random);
    }

    /**
     * A copy with another timer for waits; by default {@link Schedulers#parallel}.
     *
     * @param changed the timer; calls are made on it, so it must be one for work that does not block
     * @return the copy
     */
    public Resume withTimer(Scheduler changed) {
        return new Resume(backoff, attempts, checksum, Objects.requireNonNull(changed, "timer"), listener, random);
    }

    /**
     * A copy that tells somebody.
     *
     * @param changed is told of losses
     * @return the copy
     */
    public Resume withListener(ResumeListener changed) {
        return new Resume(backoff, attempts, checksum, timer, changed, random);
    }

    /** For tests: the jitter. */
    Resume withRandom(DoubleSupplier changed) {
        return new Resume(backoff, attempts, checksum, timer, listener, changed);
    }

    int attempts() {
        return attempts;
    }

    Checksum checksum() {
        return checksum;
    }

    Scheduler timer() {
        return timer == null ? Schedulers.parallel() : timer;
    }

    ResumeListener listener() {
        return listener;
    }

    /** The wait after so many losses in a row. */
    long waitNanos(int losses) {
        return backoff.nanos(losses, random.getAsDouble());
    }

    /**
     * The caller's side of downloads: calls that accept octets. Who subscribes the body of the reply sees one stream, each byte
     * once and in order. It ends with DATA_LOSS when bytes are missing or wrong, and with what the callee says when its content
     * is not the same any more (FAILED_PRECONDITION).
     *
     * <p>A body of the request that has come to its end within 64 KiB is kept to be sent again; with a longer one the stream is
     * as good as its connection. A request may begin later than at the first byte: with {@code resume-offset} and
     * {@code resume-validator} in its metadata, as they were in an earlier reply. Such a stream has no checksum.
     *
     * @return the stage
     */
    public Stage<RpcRequest, RpcReply> downloads() {
        return next -> new Layer<>("resume-downloads", next) {
            @Override
            public Mono<RpcReply> call(RpcRequest request) {
                return request.accept() == Content.OCTETS
                        ? Mono.defer(() -> Download.start(Resume.this, request, next))
                        : next.call(request);
            }
        };
    }

    /**
     * The caller's side of uploads: calls whose body is a {@link SeekableBody}. The callee is asked first how much it has, which
     * costs a round trip, and told at the end that this was all, which costs another. One that does not know of resumption
     * gets a plain call.
     *
     * <p>The upload has a random name unless the request says one in {@code resume-upload}: with a name that was kept, another
     * process goes on with what this one began. Of two calls with one name the later one takes the upload over, and the other
     * fails with ABORTED, which is no loss.
     *
     * @return the stage
     */
    public Stage<RpcRequest, RpcReply> uploads() {
        return next -> {
            SecureRandom ids = UploadCall.ids();
            return new Layer<>("resume-uploads", next) {
                @Override
                public Mono<RpcReply> call(RpcRequest request) {
                    return LaterBody.isSeekable(request.body())
                            ? LaterBody.seekable(request.body())
                                    .flatMap(source -> new UploadCall(Resume.this, request, source, next, ids).start())
                            : next.call(request);
                }
            };
        };
    }

    /**
     * The callee's side of downloads. A handler whose reply has a {@link SeekableBody} is asked again after a loss, with the same
     * request, and what it answers is sent from where the caller has got to.
     *
     * @return the stage
     */
    public static Stage<RpcRequest, RpcReply> offers() {
        return OfferedDownloads::new;
    }

    /**
     * The callee's side of uploads. Bytes go into a sink first; when all are there and have been checked, the handler is called
     * with a {@link SeekableBody} of them and with the {@link Upload} among its attributes.
     *
     * <p>The handler is called once more when its reply was lost, after its end. A sink keeps what it has until somebody clears it.
     *
     * @param sink where to
     * @return the stage
     */
    public static Stage<RpcRequest, RpcReply> takes(UploadSink sink) {
        Objects.requireNonNull(sink, "sink");
        return next -> new UploadDesk(sink, next);
    }

    /** Drops what a call that is refused has brought, and fails. */
    static Mono<RpcReply> refuse(RpcRequest request, Throwable error) {
        request.body().discard();
        return Mono.error(error);
    }
}
