package io.headgate.rpc.stream;

import static io.headgate.rpc.stream.ResumeFields.CHECKSUM;
import static io.headgate.rpc.stream.ResumeFields.LENGTH;
import static io.headgate.rpc.stream.ResumeFields.OFFSET;
import static io.headgate.rpc.stream.ResumeFields.VALIDATOR;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.SynchronousSink;

/** One stream that comes in parts, each by a call of its own. The parts follow each other, so there is one writer at a time. */
final class Download {

    private final Resume settings;
    private final RpcRequest request;
    private final Service<RpcRequest, RpcReply> next;
    private final KeptBody kept;
    private final Checksum checksum;
    private final Checksum.Running sum;
    private final long start;
    private @Nullable String validator;
    private long length = Body.UNKNOWN_LENGTH;
    private volatile long position; // bytes that have been passed on, counted from the first one of the content
    private volatile @Nullable Fields trailers;
    private @Nullable Body first;

    private Download(Resume settings, RpcRequest request, Service<RpcRequest, RpcReply> next, long start) {
        this.settings = settings;
        this.request = request;
        this.next = next;
        this.kept = KeptBody.of(request.body());
        this.start = start;
        this.position = start;
        this.validator = start == 0 ? null : request.fields().get(VALIDATOR);
        this.checksum =
                start == 0 ? settings.checksum() : Checksum.NONE; // what came before it is not here to be summed
        this.sum = checksum.begin();
    }

    static Mono<RpcReply> start(Resume settings, RpcRequest request, Service<RpcRequest, RpcReply> next) {
        try {
            long start = ResumeFields.number(request.fields(), OFFSET, 0);
            return new Download(settings, request, next, start).begin();
        } catch (RpcException e) {
            return Resume.refuse(request, e);
        }
    }

    private Mono<RpcReply> begin() {
        return next.call(request.withFields(asked(request.fields())).withBody(kept.first()))
                .handle(this::begun);
    }

    private Fields asked(Fields fields) {
        Fields.Builder asked = fields.toBuilder().set(OFFSET, Long.toString(position));
        if (validator != null) {
            asked.set(VALIDATOR, validator);
        }
        if (checksum != Checksum.NONE) {
            asked.set(CHECKSUM, checksum.token());
        }
        return asked.build();
    }

    /** Looks whether the callee can do this, too. */
    private void begun(RpcReply reply, SynchronousSink<RpcReply> sink) {
        try {
            String content = reply.fields().get(VALIDATOR);
            if (reply.content() == Content.OCTETS
                    && content != null
                    && reply.fields().contains(OFFSET)) {
                check(reply);
                validator = content;
                length = ResumeFields.number(reply.fields(), LENGTH, Body.UNKNOWN_LENGTH);
                first = reply.body();
                sink.next(reply.withBody(new ResumedBody(this, reply.body())));
            } else if (start == 0) {
                sink.next(reply);
            } else {
                throw RpcException.of(
                        RpcStatus.FAILED_PRECONDITION,
                        request.endpoint() + ": begins at its first byte (expected: at byte " + start + ')');
            }
        } catch (RpcException e) {
            reply.discard();
            sink.error(e);
        }
    }

    private void check(RpcReply reply) {
        long offset = ResumeFields.number(reply.fields(), OFFSET);
        if (offset != position || reply.content() != Content.OCTETS) {
            throw RpcException.of(
                    RpcStatus.DATA_LOSS,
                    request.endpoint() + ": goes on at byte " + offset + " of " + reply.content() + " (expected: byte "
                            + position + " of OCTETS)");
        }
        String content = reply.fields().get(VALIDATOR);
        if (validator != null && !validator.equals(content)) {
            throw RpcException.of(
                    RpcStatus.FAILED_PRECONDITION,
                    request.endpoint() + ": " + VALIDATOR + ": " + content + " (expected: " + validator + ')');
        }
    }

    /** All parts as one stream. */
    Flux<ByteBuf> parts() {
        Patience patience = new Patience(settings, request.endpoint(), request.deadline(), () -> position);
        return Flux.defer(this::part).retryWhen(patience.retry());
    }

    Mono<Fields> trailers() {
        return Mono.fromSupplier(() -> trailers);
    }

    long length() {
        return length == Body.UNKNOWN_LENGTH ? Body.UNKNOWN_LENGTH : length - start;
    }

    private Flux<ByteBuf> part() {
        Body body = first;
        if (body != null) {
            first = null;
            return counted(body);
        }
        if (!kept.isKept()) {
            return Flux.error(RpcException.of(
                    RpcStatus.DATA_LOSS,
                    request.endpoint() + ": lost at byte " + position
                            + ", and the body of the request is not there to be sent"
                            + " again (expected: one that ends within " + KeptBody.MAX_BYTES + " bytes)"));
        }
        return next.call(request.withFields(asked(request.fields())).withBody(kept.again()))
                .flatMapMany(this::continued);
    }

    private Flux<ByteBuf> continued(RpcReply reply) {
        try {
            check(reply);
            return counted(reply.body());
        } catch (RpcException e) {
            reply.discard();
            return Flux.error(e);
        }
    }

    private Flux<ByteBuf> counted(Body body) {
        return body.handle(this::arrived).concatWith(Mono.defer(() -> ended(body)));
    }

    private void arrived(ByteBuf buffer, SynchronousSink<ByteBuf> sink) {
        long after = position + buffer.readableBytes();
        if (length != Body.UNKNOWN_LENGTH && after > length) {
            buffer.release();
            sink.error(wrongLength(after));
            return;
        }
        sum.add(buffer);
        position = after;
        sink.next(buffer);
    }

    private Mono<ByteBuf> ended(Body body) {
        if (length != Body.UNKNOWN_LENGTH && position != length) {
            return Mono.error(wrongLength(position));
        }
        return body.trailers().defaultIfEmpty(Fields.empty()).handle(this::verify);
    }

    private void verify(Fields last, SynchronousSink<ByteBuf> sink) {
        String told = last.get(CHECKSUM);
        if (checksum != Checksum.NONE) {
            String found = sum.text();
            if (!found.equals(told)) {
                sink.error(ResumeFields.wrongSum(request.endpoint(), found, String.valueOf(told)));
                return;
            }
        }
        trailers = last;
        sink.complete();
    }

    private RpcException wrongLength(long found) {
        return RpcException.of(
                RpcStatus.DATA_LOSS, request.endpoint() + ": " + found + " bytes (expected: " + length + ')');
    }
}
