package io.headgate.rpc.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Service;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.internal.PlatformDependent;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** Octets need neither Jackson nor Protocol Buffers, and what needs them says so. */
class WithoutLibrariesTest {

    /** Runs where the libraries are missing. */
    public static final class Program {

        private Program() {}

        interface Raw {
            Flux<ByteBuf> echo(Flux<ByteBuf> bytes);

            Mono<ByteBuf> one(ByteBuf bytes);
        }

        interface Typed {
            Mono<String> hello(int times, String name);
        }

        private static final class Echo implements Raw {

            @Override
            public Flux<ByteBuf> echo(Flux<ByteBuf> bytes) {
                return bytes;
            }

            @Override
            public Mono<ByteBuf> one(ByteBuf bytes) {
                return Mono.just(bytes);
            }
        }

        public static String octets() {
            Raw raw = RpcClients.create().client(Raw.class, Endpoints.of(new Echo()));
            return raw.echo(Flux.just("a", "b").map(Program::buffer))
                    .concatWith(raw.one(buffer("c")))
                    .map(ShapesTest::text)
                    .collectList()
                    .map(String::valueOf)
                    .block();
        }

        public static String json() {
            try {
                RpcClients.create().client(Typed.class, request -> Mono.empty());
                return "made";
            } catch (IllegalArgumentException e) {
                return e.getMessage();
            }
        }

        private static ByteBuf buffer(String text) {
            return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
        }
    }

    /** Has what the package needs, and nothing else. */
    private static URLClassLoader bare() {
        URL[] urls = Stream.of(
                        WithoutLibrariesTest.class,
                        Endpoints.class,
                        Service.class,
                        Mono.class,
                        Publisher.class,
                        ByteBuf.class,
                        PlatformDependent.class,
                        LoggerFactory.class,
                        Nullable.class)
                .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
                .distinct()
                .toArray(URL[]::new);
        return new URLClassLoader(urls, ClassLoader.getPlatformClassLoader());
    }

    private static Object run(String method) throws Exception {
        try (URLClassLoader loader = bare()) {
            assertThat(Arrays.stream(loader.getURLs()).map(URL::getPath))
                    .noneMatch(path -> path.contains("jackson") || path.contains("protobuf"));
            return loader.loadClass(Program.class.getName()).getMethod(method).invoke(null);
        }
    }

    @Test
    void octetsNeedNoLibrary() throws Exception {
        assertThat(run("octets")).isEqualTo("[a, b, c]");
    }

    @Test
    void valuesNameTheLibraryThatTheyNeed() throws Exception {
        assertThat(run("json").toString().lines())
                .containsExactly(
                        "Typed.hello: times, name needs JSON, and tools.jackson.core:jackson-databind is missing"
                                + " (expected: on the class path, or a codec of the type)",
                        "Typed.hello, result: String needs JSON, and tools.jackson.core:jackson-databind is missing"
                                + " (expected: on the class path, or a codec of the type)");
    }
}
