package io.headgate.samples.rpc;

import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.stream.FileSpool;
import io.headgate.rpc.stream.Upload;
import io.headgate.rpc.stream.UploadSink;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A sink that looks at where an upload is to go before it takes anything: who sends a file to a folder that does not exist hears of
 * it before the first byte, and the file does not stay here.
 */
final class WelcomeUploads implements UploadSink {

    private static final String VALUES = "headgate-values";
    private static final String WRITE = "files/write";

    private final FileSpool spool;
    private final Consumer<String> place;
    private final BiFunction<String, Throwable, RpcException> failure;

    /**
     * Around a spool.
     *
     * @param spool takes what is welcome
     * @param place fails for paths that lead nowhere
     * @param failure tells of what went wrong with a path
     */
    WelcomeUploads(FileSpool spool, Consumer<String> place, BiFunction<String, Throwable, RpcException> failure) {
        this.spool = spool;
        this.place = place;
        this.failure = failure;
    }

    @Override
    public Mono<Long> offset(Upload upload) {
        return Mono.fromRunnable(() -> place.accept(path(upload)))
                .subscribeOn(Schedulers.boundedElastic()) // it looks at folders
                .then(spool.offset(upload));
    }

    @Override
    public Mono<Long> write(Upload upload, long offset, Flux<ByteBuf> bytes) {
        return spool.write(upload, offset, bytes)
                .onErrorMap(IOException.class, e -> failure.apply(path(upload), e))
                .doOnError(RpcException.class, told -> {
                    if (told.rpcStatus() == RpcStatus.RESOURCE_EXHAUSTED && !told.isRemote()) {
                        spool.file(upload).toFile().delete(); // it would keep the disk full
                    }
                });
    }

    @Override
    public Flux<ByteBuf> read(Upload upload, long offset) {
        return spool.read(upload, offset);
    }

    /** The one value of the endpoint, which travels beside the bytes. */
    private static String path(Upload upload) {
        if (!upload.endpoint().equals(WRITE)) {
            throw RpcException.of(RpcStatus.UNIMPLEMENTED, upload.endpoint() + " (expected: " + WRITE + ")");
        }
        String values = upload.fields().get(VALUES);
        try {
            JsonNode path = values == null ? null : JsonMapper.shared().readTree(values);
            if (path != null && path.isString()) {
                return path.stringValue();
            }
        } catch (JacksonException e) {
            throw RpcException.of(RpcStatus.INVALID_ARGUMENT, VALUES + ": no JSON (expected: a path)", e);
        }
        throw RpcException.of(RpcStatus.INVALID_ARGUMENT, "path: missing (expected: a path)");
    }
}
