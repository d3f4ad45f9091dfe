package io.headgate.rpc.stream;

import static io.headgate.rpc.stream.ResumeFields.ATTEMPT;
import static io.headgate.rpc.stream.ResumeFields.CALLER;
import static io.headgate.rpc.stream.ResumeFields.CHECKSUM;
import static io.headgate.rpc.stream.ResumeFields.ENDPOINT;
import static io.headgate.rpc.stream.ResumeFields.LENGTH;
import static io.headgate.rpc.stream.ResumeFields.OFFSET;
import static io.headgate.rpc.stream.ResumeFields.UPLOAD;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** One upload, from the side that has the bytes: asks how far the other side is, sends what is missing, says that it was all. */
final class UploadCall {

    private final RpcRequest request;
    private final SeekableBody source;
    private final Service<RpcRequest, RpcReply> next;
    private final Resume settings;
    private final Fields fields;
    private int attempts; // they follow each other
    private volatile long position;
    private volatile boolean agreed; // that the callee can do this

    UploadCall(
            Resume settings,
            RpcRequest request,
            SeekableBody source,
            Service<RpcRequest, RpcReply> next,
            SecureRandom ids) {
        this.settings = settings;
        this.request = request;
        this.source = source;
        this.next = next;
        String given = request.fields().get(UPLOAD);
        Upload upload = new Upload(given == null ? randomId(ids) : given, request.endpoint(), request.fields());
        this.fields = request.fields().toBuilder()
                .set(UPLOAD, upload.id())
                .set(ENDPOINT, upload.endpoint())
                .set(CALLER, randomId(ids))
                .build();
    }

    Mono<RpcReply> start() {
        Patience patience = new Patience(settings, request.endpoint(), request.deadline(), () -> position);
        Mono<RpcReply> reply = Mono.defer(this::attempt)
                .retryWhen(patience.retry())
                .onErrorResume(this::isUnknown, unknown -> next.call(request));
        Progress progress = source.progress();
        return progress == null
                ? reply
                : reply.doOnSuccess(done -> progress.end(ProgressReport.State.COMPLETE, null))
                        .doOnError(error -> progress.end(ProgressReport.State.FAILED, error))
                        .doOnCancel(() -> progress.end(ProgressReport.State.CANCELLED, null));
    }

    private Mono<RpcReply> attempt() {
        Fields mine = fields.with(ATTEMPT, Integer.toString(++attempts));
        return step(ResumeFields.ASK, mine, Content.NONE, Body.empty())
                .map(this::taken)
                .flatMap(offset -> sendFrom(offset, mine));
    }

    /**
     * Nobody there knows how to resume: then it is a call like any other. The wire of 2017 has the same word for that as for a
     * wrong request, and names of uploads do not travel on it.
     */
    private boolean isUnknown(Throwable error) {
        return !agreed
                && error instanceof RpcException rpc
                && (rpc.rpcStatus() == RpcStatus.UNIMPLEMENTED || rpc.rpcStatus() == RpcStatus.INVALID_ARGUMENT);
    }

    private long taken(RpcReply reply) {
        reply.discard();
        long offset = ResumeFields.number(reply.fields(), OFFSET);
        agreed = true;
        position = Math.max(position, offset);
        return offset;
    }

    private Mono<RpcReply> sendFrom(long offset, Fields mine) {
        Checksum kind = settings.checksum();
        Summed summed = new Summed(kind, offset);
        long rest = source.length() == Body.UNKNOWN_LENGTH ? Body.UNKNOWN_LENGTH : source.length() - offset;
        if (rest < Body.UNKNOWN_LENGTH) {
            return Mono.error(RpcException.of(
                    RpcStatus.OUT_OF_RANGE,
                    request.endpoint() + ": the other side has " + offset + " bytes (expected: 0.." + source.length()
                            + ')'));
        }
        Flux<ByteBuf> bytes = source.shown(Summed.open(kind, summed, source::from), offset, false)
                .onErrorMap(error -> UploadFaults.known(request.endpoint(), error));
        Body body = Body.of(bytes, rest, Mono.empty());
        return step(ResumeFields.SEND, mine.with(OFFSET, Long.toString(offset)), Content.OCTETS, body)
                .map(this::taken)
                .flatMap(total -> commit(total, summed, mine));
    }

    private Mono<RpcReply> commit(long total, Summed summed, Fields mine) {
        if (source.length() != Body.UNKNOWN_LENGTH && total != source.length()) {
            return Mono.error(RpcException.of(
                    RpcStatus.DATA_LOSS,
                    request.endpoint() + ": the other side has " + total + " bytes (expected: " + source.length()
                            + ')'));
        }
        Fields last = mine.with(LENGTH, Long.toString(total));
        if (settings.checksum() != Checksum.NONE) {
            last = last.with(CHECKSUM, summed.text());
        }
        return step(ResumeFields.COMMIT, last, Content.NONE, Body.empty()).map(this::inWords);
    }

    private Mono<RpcReply> step(String endpoint, Fields with, Content content, Body body) {
        Content accept = endpoint.equals(ResumeFields.COMMIT) ? request.accept() : Content.NONE;
        return next.call(
                        new RpcRequest(endpoint, with, content, accept, body, request.deadline(), request.attributes()))
                .onErrorMap(error -> inWords(endpoint, error));
    }

    private RpcReply inWords(RpcReply reply) {
        Body body = reply.body();
        return body.isEmpty()
                ? reply
                : reply.withBody(body.via(bytes -> bytes.onErrorMap(error -> inWords(ResumeFields.COMMIT, error))));
    }

    /** What connections say of a step, as it concerns whoever called something else. */
    private Throwable inWords(String step, Throwable error) {
        String message = error.getMessage();
        return error instanceof RpcException rpc && message != null && message.contains(step)
                ? rpc.withMessage(message.replace(step, request.endpoint()))
                : error;
    }

    /** Makes names that nobody guesses. It has its seed before an event loop uses it, because that is read from a file. */
    static SecureRandom ids() {
        try {
            SecureRandom ids = SecureRandom.getInstance("DRBG");
            ids.nextBytes(new byte[1]);
            return ids;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("random: DRBG is missing (expected: what every JDK has)", e);
        }
    }

    private static String randomId(SecureRandom ids) {
        byte[] id = new byte[16];
        ids.nextBytes(id);
        return HexFormat.of().formatHex(id);
    }
}
