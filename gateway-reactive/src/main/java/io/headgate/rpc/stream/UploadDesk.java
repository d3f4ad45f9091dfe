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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;

/**
 * Takes uploads in steps. What is done with one upload is done by one call at a time; a later call of it ends an earlier one,
 * whose connection may be dead without anybody knowing.
 */
final class UploadDesk extends Layer<RpcRequest, RpcReply> {

    private final UploadSink sink;
    private final Service<RpcRequest, RpcReply> next;
    private final ConcurrentMap<String, Turn> turns = new ConcurrentHashMap<>();

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

    private interface Step {
        Mono<RpcReply> take(Upload upload, RpcRequest request);
    }

    private static Mono<RpcReply> step(RpcRequest request, Step step) {
        return Mono.defer(() -> {
                    Upload upload = new Upload(given(request, UPLOAD), given(request, ENDPOINT), request.fields());
                    return step.take(upload, request);
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

    private Mono<RpcReply> ask(Upload upload, RpcRequest request) {
        request.body().discard();
        return inTurn(upload, turn -> sink.offset(upload)).map(UploadDesk::reply);
    }

    private Mono<RpcReply> send(Upload upload, RpcRequest request) {
        long offset = ResumeFields.number(request.fields(), OFFSET);
        return inTurn(
                        upload,
                        turn -> sink.offset(upload)
                                .flatMap(taken -> taken == offset
                                        ? sink.write(upload, offset, turn.guard(request.body()))
                                        : Mono.error(movedOn(offset, taken))))
                .map(UploadDesk::reply);
    }

    private Mono<RpcReply> commit(Upload upload, RpcRequest request) {
        request.body().discard();
        long length = ResumeFields.number(request.fields(), LENGTH);
        String sum = request.fields().get(CHECKSUM);
        return inTurn(
                        upload,
                        turn -> sink.offset(upload)
                                .flatMap(taken -> taken == length
                                        ? verify(upload, sum).thenReturn(length)
                                        : Mono.error(RpcException.of(
                                                RpcStatus.DATA_LOSS,
                                                upload.endpoint() + ": " + taken + " bytes are here (expected: "
                                                        + length + ')'))))
                .flatMap(whole -> next.call(whole(upload, whole, request)));
    }

    private Mono<Void> verify(Upload upload, @Nullable String told) {
        if (told == null) {
            return Mono.empty();
        }
        Checksum.Running sum = ResumeFields.kindOf(told).begin();
        return sink.read(upload, 0)
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

    private RpcRequest whole(Upload upload, long length, RpcRequest request) {
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

    /** Unprocessed, so that the caller asks anew. */
    private static RpcException movedOn(long offset, long taken) {
        return RpcException.refused(
                RpcStatus.ABORTED, OFFSET + ": " + offset + " (expected: " + taken + ", as many bytes are here)");
    }

    /** Ends what is under way for the upload, waits until it has let go of the sink, and then does the work. */
    private Mono<Long> inTurn(Upload upload, Function<Turn, Mono<Long>> work) {
        return Mono.defer(() -> {
            Turn turn = new Turn();
            Turn before = turns.putIfAbsent(upload.id(), turn);
            if (before != null) {
                before.stop();
                return before.ended().then(inTurn(upload, work));
            }
            return turn.run(() -> work.apply(turn), () -> turns.remove(upload.id(), turn));
        });
    }
}
