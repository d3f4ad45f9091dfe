package io.headgate.rpc.endpoint;

import io.headgate.Service;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.netty.buffer.ByteBuf;
import java.util.Map;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What {@code docs/rpc-endpoints.md} shows, between tags. */
final class DocsExample {

    private DocsExample() {}

    // tag::interface
    record Entry(String name, long bytes) {}

    interface Files {
        Flux<Entry> list(String folder);

        Mono<Long> put(String path, Flux<ByteBuf> bytes);

        Flux<ByteBuf> get(String path);
    }
    // end::interface

    // tag::server
    static Endpoints serve(Files files) {
        return Endpoints.of(files); // the handler of a connection, on whichever side
    }
    // end::server

    // tag::client
    static Mono<Long> copy(Service<RpcRequest, RpcReply> connection, String from, String to) {
        Files files = RpcClients.create().client(Files.class, connection);
        return files.put(to, files.get(from));
    }
    // end::client

    /** For the test. */
    record Memory(Map<String, ByteBuf> all) implements Files {

        @Override
        public Flux<Entry> list(String folder) {
            return Flux.fromIterable(all.entrySet())
                    .filter(file -> file.getKey().startsWith(folder))
                    .map(file -> new Entry(file.getKey(), file.getValue().readableBytes()));
        }

        @Override
        public Mono<Long> put(String path, Flux<ByteBuf> bytes) {
            return bytes.reduce(ByteBuf::writeBytes).map(whole -> {
                all.put(path, whole);
                return (long) whole.readableBytes();
            });
        }

        @Override
        public Flux<ByteBuf> get(String path) {
            ByteBuf file = all.get(path);
            return file == null
                    ? Flux.error(RpcException.of(RpcStatus.NOT_FOUND, "path: " + path + " (expected: one of a file)"))
                    : Flux.just(file.retainedDuplicate());
        }
    }
}
