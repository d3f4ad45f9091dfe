package io.headgate.samples.rpc;

import io.headgate.rpc.endpoint.EndpointName;
import io.headgate.rpc.endpoint.RpcContext;
import io.netty.buffer.ByteBuf;
import java.util.List;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * The files of a folder. Paths lead on from that folder, and not out of it. Everything fails with NOT_FOUND for what does not exist
 * and with PERMISSION_DENIED for what is not to be had.
 */
@EndpointName("files")
public interface FileService {

    /**
     * What a folder contains.
     *
     * @param path the folder; empty for the served one
     * @return its files and folders in the order of their names
     */
    Mono<List<FileEntry>> list(String path);

    /**
     * What is known of a file or a folder.
     *
     * @param path which
     * @return what is known
     */
    Mono<FileEntry> stat(String path);

    /**
     * The bytes of a file. Goes on after a lost connection where both ends have {@link io.headgate.rpc.stream.Resume}.
     *
     * @param path which
     * @return the bytes; passes ownership of its buffers
     */
    Flux<ByteBuf> read(String path);

    /**
     * Makes a file of bytes, or replaces one. It appears when all bytes are there.
     *
     * @param path which; its folder exists
     * @param bytes all of it; takes ownership of its buffers. With a {@link io.headgate.rpc.stream.SeekableBody} an upload goes on
     *     after a lost connection
     * @param context what travels beside; may name the upload
     * @return what is known of the file then
     */
    Mono<FileEntry> write(String path, Flux<ByteBuf> bytes, RpcContext context);
}
