package io.headgate.rpc.endpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.StringValue;
import io.headgate.rpc.Content;
import io.headgate.rpc.endpoint.Shapes.Point;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.test.StepVerifier;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What an interface says, and what it may not say. */
class SignaturesTest {

    interface Drawable {
        void draw();
    }

    interface Wrong<T> {}

    @SuppressWarnings("rawtypes")
    interface AllWrong {

        String plain(String text);

        Mono raw();

        Publisher<String> publisher();

        Flux<Void> voids();

        Mono<Flux<String>> flux();

        Mono<List<Mono<String>>> monos();

        Mono<List<ByteBuf>> buffers();

        Mono<Drawable> drawable();

        Mono<List<StringValue>> messages();

        <T> Mono<T> generic();

        Mono<String> two(Flux<String> one, Flux<String> other);

        Mono<String> mono(Mono<String> later);

        Mono<String> untyped(Flux values);

        Mono<String> contexts(RpcContext one, RpcContext other);

        Mono<String> mixed(StringValue message, ByteBuf bytes);

        Mono<String> front(ByteBuf bytes, Flux<ByteBuf> stream);

        Mono<String> nothing(Void nothing);

        Mono<String> held(List<RpcContext> contexts);
    }

    @Test
    void everythingThatIsWrongIsSaidAtOnce() {
        assertThatThrownBy(() -> RpcClients.create().client(AllWrong.class, request -> Mono.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .satisfies(error -> assertThat(error.getMessage().lines())
                        .containsExactlyInAnyOrder(
                                "AllWrong.plain, result: String (expected: Mono<R>, Mono<Void> or Flux<R>)",
                                "AllWrong.raw, result: Mono (expected: Mono<R>, Mono<Void> or Flux<R>)",
                                "AllWrong.publisher, result: Publisher<String> (expected: Mono<R>, Mono<Void> or"
                                        + " Flux<R>)",
                                "AllWrong.voids, result: Void is not a value (expected: Mono<Void> as result only)",
                                "AllWrong.flux, result: Flux is not a value (expected: no publisher within a type)",
                                "AllWrong.monos, result: Mono is not a value (expected: no publisher within a type)",
                                "AllWrong.buffers, result: ByteBuf is not a value (expected: ByteBuf alone, or as"
                                        + " Flux<ByteBuf>)",
                                "AllWrong.drawable, result: Drawable cannot be made of JSON (expected: a type that"
                                        + " Jackson can construct)",
                                "AllWrong.messages, result: StringValue has no JSON (expected: messages alone, or as"
                                        + " elements of a Flux)",
                                "AllWrong.generic: type parameters (expected: none)",
                                "AllWrong.two, parameter other: a second Flux (expected: at most one)",
                                "AllWrong.mono, parameter later: Mono<String> (expected: a value, or a Flux of values"
                                        + " or of ByteBuf)",
                                "AllWrong.untyped, parameter values: Flux (expected: with the type of its elements)",
                                "AllWrong.contexts, parameter other: a second RpcContext (expected: at most one)",
                                "AllWrong.mixed, parameter message: StringValue beside other values (expected: alone,"
                                        + " or values that have JSON)",
                                "AllWrong.mixed, parameter bytes: ByteBuf beside other values (expected: alone, or"
                                        + " values that have JSON)",
                                "AllWrong.front, parameter bytes: a ByteBuf in front of a stream (expected: a value,"
                                        + " or no stream)",
                                "AllWrong.nothing, parameter nothing: Void is not a value (expected: Mono<Void> as"
                                        + " result only)",
                                "AllWrong.held, parameter contexts: RpcContext is not a value (expected: as a"
                                        + " parameter of its own)"));
    }

    @Test
    void whatIsNoInterfaceOfEndpointsIsRefused() {
        RpcClients clients = RpcClients.create();

        assertThatThrownBy(() -> clients.client(String.class, request -> Mono.empty()))
                .hasMessage("String (expected: an interface without type parameters)");
        assertThatThrownBy(() -> clients.client(Wrong.class, request -> Mono.empty()))
                .hasMessage("Wrong (expected: an interface without type parameters)");
        assertThatThrownBy(() -> clients.client(Runnable.class, request -> Mono.empty()))
                .hasMessage("Runnable.run, result: void (expected: Mono<R>, Mono<Void> or Flux<R>)");
        assertThatThrownBy(() -> Endpoints.of("text", List.of()))
                .hasMessageContaining("java.lang.String: no service (expected: an interface with methods that return")
                .hasMessageContaining("\njava.util.ImmutableCollections$ListN: no service");
        assertThatThrownBy(() -> Endpoints.builder().maxElement(0).build())
                .hasMessage("maxElement: 0 (expected: at least 1)");
    }

    interface Zoo {
        Mono<String> feed(String animal);
    }

    interface OtherZoo {
        @EndpointName("water")
        Mono<String> give();

        Mono<String> water();
    }

    @Test
    void twoOfOneNameAreRefused() {
        Zoo one = Mono::just;
        Zoo other = Mono::just;

        assertThatThrownBy(() -> Endpoints.of(one, other))
                .hasMessage("Zoo/feed: both io.headgate.rpc.endpoint.SignaturesTest$Zoo.feed and"
                        + " io.headgate.rpc.endpoint.SignaturesTest$Zoo.feed (expected: one, or another name by"
                        + " @EndpointName)");
        assertThatThrownBy(() -> RpcClients.create().client(OtherZoo.class, request -> Mono.empty()))
                .hasMessageStartingWith("OtherZoo/water: two methods of ");
    }

    @EndpointName("")
    interface Bare {
        Mono<String> versions();

        @EndpointName("FilesystemRequest")
        Mono<String> filesystems();
    }

    @EndpointName("zoo.v2")
    interface Named {
        Mono<String> feed();
    }

    private static final class Animals implements Bare, Named {

        @Override
        public Mono<String> versions() {
            return Mono.just("1");
        }

        @Override
        public Mono<String> filesystems() {
            return Mono.just("2");
        }

        @Override
        public Mono<String> feed() {
            return Mono.just("3");
        }
    }

    @Test
    void namesCanBeGiven() {
        Endpoints endpoints = Endpoints.of(new Animals());

        assertThat(endpoints.list())
                .extracting(EndpointInfo::name)
                .containsExactly("FilesystemRequest", "versions", "zoo.v2/feed");
        RpcClients clients = RpcClients.create();
        StepVerifier.create(clients.client(Bare.class, endpoints).filesystems())
                .expectNext("2")
                .verifyComplete();
        StepVerifier.create(clients.client(Named.class, endpoints).feed())
                .expectNext("3")
                .verifyComplete();
    }

    interface Crud<K, V> {

        Mono<V> get(K key);

        Flux<Map<K, List<V>>> all();

        default Mono<V> first(List<K> keys) {
            return get(keys.get(0));
        }
    }

    interface Points extends Crud<String, Point> {}

    interface Numbers extends Crud<Integer, Long> {}

    private static final class Both implements Points {

        @Override
        public Mono<Point> get(String key) {
            return Mono.just(new Point(key.length(), 0));
        }

        @Override
        public Flux<Map<String, List<Point>>> all() {
            return Flux.just(Map.of("a", List.of(new Point(1, 1))));
        }
    }

    private static final class Naturals implements Numbers {

        @Override
        public Mono<Long> get(Integer key) {
            return Mono.just((long) key);
        }

        @Override
        public Flux<Map<Integer, List<Long>>> all() {
            return Flux.empty();
        }
    }

    @Test
    void inheritedMethodsBelongToTheInterfaceThatInheritsThem() {
        Endpoints endpoints = Endpoints.of(new Both(), new Naturals());

        assertThat(endpoints.describe()).isEqualTo("""
                        Numbers/all(): Flux<Map<Integer, List<Long>>>
                        Numbers/get(key: Integer): Mono<Long>
                        Points/all(): Flux<Map<String, List<Point>>>
                        Points/get(key: String): Mono<Point>""");
        Points points = RpcClients.create().client(Points.class, endpoints);
        StepVerifier.create(points.all())
                .expectNext(Map.of("a", List.of(new Point(1, 1))))
                .verifyComplete();
        StepVerifier.create(points.first(List.of("four")))
                .expectNext(new Point(4, 0))
                .verifyComplete();
    }

    interface Entitled {
        Mono<String> name();
    }

    interface Titled {
        Mono<String> name();
    }

    interface Twice extends Entitled, Titled {}

    @Test
    void aMethodOfTwoParentsIsOneEndpoint() {
        Twice handler = () -> Mono.just("both");
        Endpoints endpoints = Endpoints.builder().add(Twice.class, handler).build();

        assertThat(endpoints.describe()).isEqualTo("Twice/name(): Mono<String>");
        Twice client = RpcClients.create().client(Twice.class, endpoints);
        Entitled entitled = client;
        Titled titled = client;
        StepVerifier.create(Flux.concat(entitled.name(), titled.name(), client.name()))
                .expectNext("both", "both", "both")
                .verifyComplete();
    }

    interface Bounded {
        Flux<? extends Point> mirrored(Flux<? extends Point> points);
    }

    @Test
    void wildcardsAreTheirBounds() {
        Bounded handler = points -> points.map(point -> new Point(point.y(), point.x()));
        Endpoints endpoints = Endpoints.builder().add(Bounded.class, handler).build();

        assertThat(endpoints.describe()).isEqualTo("Bounded/mirrored(points: Flux<Point>): Flux<Point>");
        Bounded client = RpcClients.create().client(Bounded.class, endpoints);
        StepVerifier.create(client.mirrored(Flux.just(new Point(1, 2))).cast(Point.class))
                .expectNext(new Point(2, 1))
                .verifyComplete();
    }

    interface Uploads {
        Mono<String> upload(Point at, Flux<ByteBuf> bytes);
    }

    @Test
    void valuesBesideOctetsMayBeWrittenOnSeveralLines() {
        Codecs indented = JsonCodecs.of(
                JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build());
        Uploads handler = (at, bytes) -> bytes.then(Mono.just("at " + at.x()));
        Uploads client = RpcClients.create().withCodecs(indented).client(Uploads.class, Endpoints.of(handler));

        StepVerifier.create(client.upload(new Point(3, 4), Flux.empty()))
                .expectNext("at 3")
                .verifyComplete();
    }

    @Test
    void clientsAreObjects() {
        RpcClients clients = RpcClients.create();
        Endpoints endpoints = Endpoints.of(new Naturals());
        Numbers one = clients.client(Numbers.class, endpoints);
        Numbers other = clients.client(Numbers.class, endpoints);

        Object same = one;
        assertThat(one).isEqualTo(same).isNotEqualTo(other).hasToString("Numbers over 2 endpoints");
        assertThat(one).hasSameHashCodeAs(same);
    }

    @Test
    void codecsOfTheUserComeFirst() {
        Codecs shouting = type -> type == String.class ? new Shouting() : null;
        Codecs codecs = shouting.or(Codecs.standard());
        Zoo zoo = animal -> Mono.just(animal + " is fed");
        Endpoints endpoints = Endpoints.builder().codecs(codecs).add(zoo).build();

        StepVerifier.create(RpcClients.create()
                        .withCodecs(codecs)
                        .client(Zoo.class, endpoints)
                        .feed("lion"))
                .expectNext("LION IS FED")
                .verifyComplete();
    }

    private static final class Shouting implements Codec<String> {

        @Override
        public Content content() {
            return Content.JSON;
        }

        @Override
        public void encode(String value, ByteBuf into) {
            into.writeCharSequence(value.toUpperCase(Locale.ROOT), StandardCharsets.UTF_8);
        }

        @Override
        public String decode(ByteBuf element) {
            return element.toString(StandardCharsets.UTF_8);
        }
    }
}
