package io.headgate.samples.rpc;

import io.headgate.rpc.endpoint.Endpoints;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;

class GenericCallTest {

    /** Says what it was given. */
    public interface Uploads {

        /** The name, and how many bytes. */
        Mono<String> put(String name, Flux<ByteBuf> bytes);
    }

    private static Mono<String> sized(String name, Flux<ByteBuf> bytes) {
        return bytes.map(buffer -> {
                    int size = buffer.readableBytes();
                    buffer.release();
                    return size;
                })
                .reduce(0, Integer::sum)
                .map(size -> name + ' ' + size);
    }

    @Test
    void valuesBesideOctetsAreAnyJson(@TempDir Path folder) throws IOException {
        Path input = Files.write(folder.resolve("input"), new byte[3]);
        Uploads uploads = GenericCallTest::sized;
        Endpoints endpoints = Endpoints.of(uploads);
        GenericCall call =
                GenericCall.of(endpoints.list().get(0), List.of("\n\t\"g\u00e9n \u65e5\u672c\""), input, null);

        StepVerifier.create(call.make(endpoints))
                .expectNext("\"g\u00e9n \u65e5\u672c 3\"")
                .verifyComplete();
    }
}
