package io.headgate.rpc.stream;

import static io.headgate.rpc.stream.ResumeFields.LENGTH;
import static io.headgate.rpc.stream.ResumeFields.OFFSET;
import static io.headgate.rpc.stream.ResumeFields.VALIDATOR;

import io.headgate.Layer;
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

/** Sends bodies that can begin anywhere from where the caller wants them. */
final class OfferedDownloads extends Layer<RpcRequest, RpcReply> {

    private final Service<RpcRequest, RpcReply> next;

    OfferedDownloads(Service<RpcRequest, RpcReply> next) {
        super("resume-offers", next);
        this.next = next;
    }

    @Override
    public Mono<RpcReply> call(RpcRequest request) {
        return request.fields().contains(OFFSET) ? resumable(request) : next.call(request);
    }

    private Mono<RpcReply> resumable(RpcRequest request) {
        try {
            Wish wish = Wish.of(request);
            return next.call(request).flatMap(reply -> answer(wish, reply));
        } catch (RpcException e) {
            return Resume.refuse(request, e);
        }
    }

    private static Mono<RpcReply> answer(Wish wish, RpcReply reply) {
        if (reply.content() == Content.OCTETS && LaterBody.isSeekable(reply.body())) {
            return LaterBody.seekable(reply.body()).map(source -> wish.grant(reply, source));
        }
        if (wish.offset == 0) {
            return Mono.just(reply);
        }
        reply.discard();
        return Mono.error(RpcException.of(
                RpcStatus.FAILED_PRECONDITION,
                wish.endpoint + ": cannot go on at byte " + wish.offset + " (expected: to begin at the first one)"));
    }

    private record Wish(
            String endpoint, long offset, @Nullable String validator, Checksum checksum) {

        static Wish of(RpcRequest request) {
            Fields fields = request.fields();
            return new Wish(
                    request.endpoint(),
                    ResumeFields.number(fields, OFFSET),
                    fields.get(VALIDATOR),
                    ResumeFields.wanted(fields));
        }

        RpcReply grant(RpcReply reply, SeekableBody source) {
            if (validator != null && !validator.equals(source.validator())) {
                throw RpcException.of(
                        RpcStatus.FAILED_PRECONDITION,
                        endpoint + ": the content is " + source.validator() + " now (expected: " + validator + ')');
            }
            if (source.length() != Body.UNKNOWN_LENGTH && offset > source.length()) {
                throw RpcException.of(
                        RpcStatus.OUT_OF_RANGE,
                        endpoint + ": " + OFFSET + ": " + offset + " (expected: 0.." + source.length() + ')');
            }
            Fields.Builder fields = reply.fields().toBuilder()
                    .set(OFFSET, Long.toString(offset))
                    .set(VALIDATOR, source.validator());
            if (source.length() != Body.UNKNOWN_LENGTH) {
                fields.set(LENGTH, Long.toString(source.length()));
            }
            return new RpcReply(fields.build(), Content.OCTETS, body(source));
        }

        private Body body(SeekableBody source) {
            Summed summed = new Summed(checksum, offset);
            long rest = source.length() == Body.UNKNOWN_LENGTH ? Body.UNKNOWN_LENGTH : source.length() - offset;
            Mono<Fields> trailers = checksum == Checksum.NONE
                    ? Mono.empty()
                    : Mono.fromSupplier(() -> Fields.of(ResumeFields.CHECKSUM, summed.text()));
            Flux<ByteBuf> bytes = source.shown(Summed.open(checksum, summed, source::from), offset, true);
            return Body.of(bytes, rest, trailers);
        }
    }
}
