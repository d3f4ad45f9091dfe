package io.headgate.rpc.stream;

import static io.headgate.rpc.stream.ResumeFields.CHECKSUM;
import static io.headgate.rpc.stream.ResumeFields.ENDPOINT;
import static io.headgate.rpc.stream.ResumeFields.LENGTH;
import static io.headgate.rpc.stream.ResumeFields.OFFSET;
import static io.headgate.rpc.stream.ResumeFields.UPLOAD;

import io.headgate.Layer;
import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Takes uploads in steps. What is done with one upload is done by one call at a time. A caller that asks how far an upload is
 * takes it over from an earlier one, whose connection may be dead without anybody knowing; if it is not, that one is told and
 * does not come again. Once the handler is called, nobody takes it over.
 */
final class UploadDesk extends Layer<RpcRequest, RpcReply> {

    private final UploadSink sink;
    private final Service<RpcRequest, RpcReply> next;
    private final Turns turns = new Turns();

    UploadDesk(UploadSink sink, Service<RpcRequest, RpcReply> next) {
        super("resume-takes", next);
        this.sink = sink;
        this.next = next;
    }

    @Override
    public Mono<RpcReply> call(RpcRequest request) {
        return switch (request.endpoint()) {
            case ResumeFields.ASK -> step(request, this::ask);
            case ResumeFields.SEND -> step(request, this::send);
            case ResumeFields.COMMIT -> step(request, this::commit);
            default -> next.call(request);
        };
    }

    Turns turns() {
        return turns;
    }

    private interface Step {
        Mono<RpcReply> take(Turn turn, RpcRequest request);
    }

    private Mono<RpcReply> step(RpcRequest request, Step step) {
        return Mono.defer(() -> {
                    Upload upload = new Upload(given(request, UPLOAD), given(request, ENDPOINT), request.fields());
                    Turn turn = new Turn(upload, Attempt.of(request.fields()), turns);
                    return step.take(turn, request).onErrorMap(error -> UploadFaults.known(upload.endpoint(), error));
                })
                .doOnError(error -> request.body().discard())
                .doOnCancel(() -> request.body().discard());
    }

    private static String given(RpcRequest request, String name) {
        String value = request.fields().get(name);
        if (value == null) {
            throw RpcException.of(
                    RpcStatus.INVALID_ARGUMENT, name + ": missing (expected: with " + request.endpoint() + ')');
        }
        return value;
    }

    private Mono<RpcReply> ask(Turn turn, RpcRequest request) {
        request.body().discard();
        return when(turn, true, () -> turn.finish(() -> sink.offset(turn.upload())))
                .map(UploadDesk::reply);
    }

    private Mono<RpcReply> send(Turn turn, RpcRequest request) {
        long offset = ResumeFields.number(request.fields(), OFFSET);
        return when(turn, false, () -> turn.finish(() -> write(turn, offset, request)))
                .map(UploadDesk::reply);
    }

    private Mono<Long> write(Turn turn, long offset, RpcRequest request) {
        Upload upload = turn.upload();
        return sink.offset(upload)
                .flatMap(taken -> taken == offset
                        ? sink.write(upload, offset, turn.guard(request.body()))
                        : Mono.error(UploadFaults.movedOn(upload, offset, taken)));
    }

    private Mono<RpcReply> commit(Turn turn, RpcRequest request) {
        request.body().discard();
        long length = ResumeFields.number(request.fields(), LENGTH);
        String sum = request.fields().get(CHECKSUM);
        return when(
                turn,
                false,
                () -> turn.follow(
                        () -> whole(turn, length, sum).then(Mono.defer(() -> carryOut(turn, length, request)))));
    }

    private Mono<RpcReply> carryOut(Turn turn, long length, RpcRequest request) {
        turns.carryOut(turn);
        return next.call(meant(turn.upload(), length, request));
    }

    private Mono<Void> whole(Turn turn, long length, @Nullable String sum) {
        Upload upload = turn.upload();
        return sink.offset(upload)
                .flatMap(taken -> taken == length
                        ? verify(turn, sum)
                        : Mono.error(RpcException.of(
                                RpcStatus.DATA_LOSS,
                                upload.endpoint() + ": " + taken + " bytes are here (expected: " + length + ')')));
    }

    private Mono<Void> verify(Turn turn, @Nullable String told) {
        if (told == null) {
            return Mono.empty();
        }
        Upload upload = turn.upload();
        Checksum.Running sum = ResumeFields.kindOf(told).begin();
        return turn.guard(sink.read(upload, 0))
                .<Void>handle((bytes, nothing) -> {
                    sum.add(bytes);
                    bytes.release(); // and not in doOnNext: what ignores elements after it discards them once more
                })
                .then(Mono.defer(() -> {
                    String found = sum.text();
                    return found.equals(told)
                            ? Mono.empty()
                            : Mono.error(ResumeFields.wrongSum(upload.endpoint(), found, told));
                }));
    }

    private RpcRequest meant(Upload upload, long length, RpcRequest request) {
        SeekableBody body = SeekableBody.of(upload.id(), length, offset -> sink.read(upload, offset));
        return new RpcRequest(
                upload.endpoint(),
                ResumeFields.strip(request.fields()),
                Content.OCTETS,
                request.accept(),
                body,
                request.deadline(),
                request.attributes().with(Upload.KEY, upload));
    }

    private static RpcReply reply(long taken) {
        return new RpcReply(Fields.of(OFFSET, Long.toString(taken)), Content.NONE, Body.empty());
    }

    /** Ends what is under way for the upload, waits until it has let go of the sink, and then does the work. */
    private <T> Mono<T> when(Turn turn, boolean asks, Supplier<Mono<T>> work) {
        return Mono.defer(() -> {
            Turn before = turns.enter(turn, asks);
            if (before == null) {
                return work.get();
            }
            before.stopFor(turn.attempt());
            return before.ended().then(when(turn, asks, work));
        });
    }
}
