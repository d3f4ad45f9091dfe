package io.headgate.rpc.zrepl;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Trait;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.rpc.Content;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStatus;
import io.headgate.test.ScriptedBody;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.reactivestreams.Publisher;
import org.reactivestreams.Subscription;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/** Bodies that break the rules of publishers where the wire has no word for it: all that is left is a reset, which says who did what. */
class ZreplFaultyBodyTest {

    private static final int BEFORE_IT = 3;

    private final Loopback net = new Loopback();

    @AfterEach
    void closes() {
        net.close();
    }

    /** Emits some elements of octets, and throws when it is asked for the next. */
    private Publisher<ByteBuf> throwing(int elements) {
        return to -> to.onSubscribe(new Subscription() {

            private int emitted;

            @Override
            public void request(long n) {
                for (long i = 0; i < n; i++) {
                    if (emitted == elements) {
                        throw new IllegalStateException("secret");
                    }
                    emitted++;
                    to.onNext(net.alloc.utf8("x"));
                }
            }

            @Override
            public void cancel() {
                throw new IllegalStateException("thrown while cancelled");
            }
        });
    }

    private RpcRequest json(String endpoint, Content accept) {
        return RpcRequest.of(endpoint, Content.JSON, accept, Body.of(net.alloc.utf8("{}")));
    }

    private static RpcSpec answers(Content content, Publisher<ByteBuf> body) {
        return RpcSpec.DEFAULTS.withHandler(request -> {
            request.body().discard();
            return Mono.just(RpcReply.of(content, Body.of(body)));
        });
    }

    private static RpcException failure(AtomicReference<@Nullable Throwable> seen) {
        Awaitility.await().atMost(Loopback.SOON).until(() -> seen.get() != null);
        return (RpcException) seen.get();
    }

    private static AtomicReference<@Nullable Throwable> subscribed(Mono<RpcReply> call) {
        AtomicReference<@Nullable Throwable> seen = new AtomicReference<>();
        call.flatMapMany(RpcReply::body).subscribe(ByteBuf::release, seen::set);
        return seen;
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aReplyOfOctetsThatThrowsAmidItEndsTheConnectionByName(boolean header) {
        Sinks.Empty<Void> headed = Sinks.empty();
        Publisher<ByteBuf> late = to -> headed.asMono()
                .subscribe(none -> {}, never -> {}, () -> throwing(0).subscribe(to));
        Loopback.Pair pair = net.pair(RpcSpec.DEFAULTS, answers(Content.OCTETS, header ? late : throwing(BEFORE_IT)));
        AtomicReference<@Nullable Throwable> cut =
                subscribed(pair.initiator().call(json("a", Content.OCTETS)).doOnNext(reply -> headed.tryEmitEmpty()));
        AtomicReference<@Nullable Throwable> waiting =
                subscribed(pair.initiator().call(json("b", Content.OCTETS)));

        assertThat(failure(cut).rpcStatus()).isEqualTo(RpcStatus.DATA_LOSS);
        assertThat(failure(waiting).rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
        assertThat(failure(waiting).is(Trait.RETRYABLE)).isTrue();
        assertThat(pair.endOfAcceptor().kind()).isEqualTo(Ending.Kind.ABORTED);
        assertThat(pair.endOfAcceptor().detail())
                .contains("reply of a: its body failed amid a message, a: internal error, id ");
        assertThat(pair.endOfInitiator().kind()).isEqualTo(Ending.Kind.ABORTED_BY_PEER);
    }

    @Test
    void aRequestOfOctetsThatThrowsAmidItEndsTheConnectionByName() {
        AtomicReference<@Nullable Throwable> there = new AtomicReference<>();
        Loopback.Pair pair = net.pair(
                RpcSpec.DEFAULTS,
                RpcSpec.DEFAULTS.withHandler(request -> request.body()
                        .doOnNext(ByteBuf::release)
                        .doOnError(there::set)
                        .then(Mono.just(RpcReply.of(Content.JSON, Body.empty())))));
        RpcRequest upload = RpcRequest.of("a", Content.OCTETS, Content.JSON, Body.of(throwing(BEFORE_IT)));
        AtomicReference<@Nullable Throwable> failed =
                subscribed(pair.initiator().call(upload));

        assertThat(failure(failed).rpcStatus()).isEqualTo(RpcStatus.INTERNAL);
        assertThat(failure(failed).isRemote()).isFalse();
        assertThat(failure(failed)).hasRootCauseMessage("secret");
        assertThat(failure(there).rpcStatus()).isEqualTo(RpcStatus.DATA_LOSS);
        assertThat(pair.endOfInitiator().kind()).isEqualTo(Ending.Kind.ABORTED);
        assertThat(pair.endOfInitiator().detail()).contains("request of a: its body failed amid a message");
        assertThat(pair.endOfAcceptor().kind()).isEqualTo(Ending.Kind.ABORTED_BY_PEER);
    }

    /** They do not travel. */
    @Test
    void trailersAreNotAskedFor() {
        Mono<Fields> broken = Mono.defer(() -> {
            throw new NoClassDefFoundError("secret");
        });
        Loopback.Pair pair = net.pair(RpcSpec.DEFAULTS, RpcSpec.DEFAULTS.withHandler(request -> {
            request.body().discard();
            return Mono.just(
                    RpcReply.of(Content.JSON, Body.of(Flux.just(net.alloc.utf8("1")), Body.UNKNOWN_LENGTH, broken)));
        }));
        for (String endpoint : List.of("a", "b")) {
            assertThat(pair.initiator()
                            .call(json(endpoint, Content.JSON))
                            .flatMap(reply -> reply.body().asString(10))
                            .block(Loopback.SOON))
                    .isEqualTo("1");
        }
        pair.initiator().closeAsync(Duration.ofSeconds(1)).block(Loopback.SOON);
        assertThat(pair.endOfAcceptor().kind()).isEqualTo(Ending.Kind.CLEAN);
    }

    /** A caller that is told of the end of one call while another begins: the others go on. */
    @Test
    void aCallerThatThrowsWhenItsRequestFailsHarmsNoOther() {
        ScriptedBody first = ScriptedBody.create();
        Loopback.Pair pair = net.pair(RpcSpec.DEFAULTS, answers(Content.JSON, Flux.empty()));
        AtomicReference<@Nullable Throwable> seen = new AtomicReference<>();
        pair.initiator()
                .call(RpcRequest.of("a", Content.JSON, Content.JSON, first))
                .doOnError(failure -> {
                    seen.set(failure);
                    throw new NoClassDefFoundError("secret");
                })
                .subscribe(RpcReply::discard, failure -> {});
        Mono<String> second = pair.initiator()
                .call(json("b", Content.JSON))
                .flatMap(reply -> reply.body().asString(10))
                .cache();
        second.subscribe();
        first.fail(new IllegalStateException("disk 3"));

        assertThat(failure(seen)).hasRootCauseMessage("disk 3");
        assertThat(second.block(Loopback.SOON)).isEqualTo("null");
        pair.initiator().closeAsync(Duration.ofSeconds(1)).block(Loopback.SOON);
        assertThat(pair.endOfInitiator().kind()).isEqualTo(Ending.Kind.CLEAN);
    }
}
