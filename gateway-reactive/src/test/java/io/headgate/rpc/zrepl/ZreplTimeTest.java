package io.headgate.rpc.zrepl;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Deadline;
import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.Dialect.Side;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcObserver;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSettings;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStats;
import io.headgate.rpc.RpcStatus;
import io.headgate.test.LeakTrackingAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.BaseSubscriber;
import reactor.core.publisher.Mono;

/** What depends on time, and what is seen of a connection, on a channel whose clock is moved by hand. */
class ZreplTimeTest {

    private final LeakTrackingAllocator alloc = LeakTrackingAllocator.create();
    private final EmbeddedChannel channel = new EmbeddedChannel();
    private final List<String> seen = new ArrayList<>();
    private final AtomicReference<@Nullable Ending> ending = new AtomicReference<>();
    private final AtomicReference<@Nullable Throwable> error = new AtomicReference<>();
    private final AtomicReference<@Nullable RpcReply> reply = new AtomicReference<>();

    private final RpcObserver log = new RpcObserver() {
        @Override
        public void onFrame(RpcConnection connection, boolean inbound, String type, int stream, int length) {
            seen.add((inbound ? "in " : "out ") + type + " " + length);
        }

        @Override
        public void onCall(RpcConnection connection, boolean inbound, String endpoint) {
            seen.add("call " + endpoint);
        }

        @Override
        public void onCallEnd(
                RpcConnection connection, boolean inbound, String endpoint, RpcStatus status, long nanos) {
            seen.add("end of " + endpoint + " " + status + " " + TimeUnit.NANOSECONDS.toMillis(nanos));
        }

        @Override
        public void onPhase(RpcConnection connection, String layer, RpcStats.Phase phase, long nanos) {
            seen.add(layer + " " + phase);
        }

        @Override
        public void onEnd(RpcConnection connection, Ending how) {
            seen.add("end " + how.kind());
            throw new IllegalStateException("an observer that fails harms nobody");
        }

        @Override
        public void onStall(RpcConnection connection, int stream, @Nullable String endpoint, long nanos) {
            seen.add("stall of " + endpoint);
        }
    };

    @AfterEach
    void nothingLeaks() {
        channel.finishAndReleaseAll();
        channel.runPendingTasks();
        alloc.assertNoLeaks();
    }

    private RpcConnection connect(Side side, RpcSpec spec) {
        channel.freezeTime();
        channel.config().setAllocator(alloc);
        RpcConnection connection = ZreplWire.DIALECT.connect(channel, side, spec.withObserver(log));
        connection.closed().subscribe(ending::set);
        return connection;
    }

    private RpcConnection initiator(RpcSettings settings) {
        return connect(Side.INITIATOR, RpcSpec.DEFAULTS.withSettings(settings));
    }

    private void call(RpcConnection connection, String endpoint, Content accept, Deadline deadline) {
        connection
                .call(RpcRequest.of(endpoint, Content.JSON, accept, Body.of(alloc.utf8("1")))
                        .withDeadline(deadline))
                .subscribe(reply::set, error::set);
        channel.runPendingTasks();
    }

    private void advance(Duration time) {
        for (long left = time.toMillis(); left > 0; left -= 50) {
            channel.advanceTimeBy(Math.min(left, 50), TimeUnit.MILLISECONDS);
            channel.runPendingTasks();
        }
    }

    private void in(CallHeader header) {
        byte[] text = HeaderWriter.text(header).getBytes(StandardCharsets.UTF_8);
        ByteBuf bytes = alloc.heapBuffer(200);
        bytes.writeByte(1).writeByte(1).writeIntLE(text.length).writeBytes(text);
        channel.writeInbound(bytes);
        channel.runPendingTasks();
    }

    private void in(boolean last, String text) {
        ByteBuf bytes = alloc.heapBuffer(200);
        bytes.writeByte(2).writeByte(last ? 1 : 0).writeIntLE(text.length());
        bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        channel.writeInbound(bytes);
        channel.runPendingTasks();
    }

    private RpcStatus status() {
        Throwable failure = error.get();
        assertThat(failure).isInstanceOf(RpcException.class);
        return ((RpcException) java.util.Objects.requireNonNull(failure)).rpcStatus();
    }

    private Ending.@Nullable Kind kind() {
        Ending how = ending.get();
        return how == null ? null : how.kind();
    }

    @Test
    void anAnswerThatComesAfterItsDeadlineIsReadAndTheConnectionLives() {
        RpcConnection connection = initiator(RpcSettings.DEFAULTS);
        call(connection, "slow", Content.JSON, Deadline.after(Duration.ofSeconds(60)));
        advance(Duration.ofSeconds(50)); // deadlines are on the real clock, which goes on meanwhile
        assertThat(error.get()).isNull();
        advance(Duration.ofSeconds(11));
        assertThat(status()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED);
        in(CallHeader.reply(CallHeader.JSON));
        in(true, "\"late\"");
        advance(Duration.ofSeconds(20));
        assertThat(kind()).isNull();
        call(connection, "next", Content.JSON, Deadline.NONE);
        in(CallHeader.reply(CallHeader.NONE));
        assertThat(seen).contains("call next").anyMatch(line -> line.startsWith("end of slow DEADLINE_EXCEEDED 6"));
    }

    @Test
    void aDeadlineThatPassesAmidABodyFailsTheBody() {
        RpcConnection connection = initiator(RpcSettings.DEFAULTS);
        connection
                .call(RpcRequest.of("slow", Content.JSON, Content.OCTETS, Body.of(alloc.utf8("1")))
                        .withDeadline(Deadline.after(Duration.ofSeconds(2))))
                .flatMapMany(RpcReply::body)
                .subscribe(ByteBuf::release, error::set);
        channel.runPendingTasks();
        in(CallHeader.reply(CallHeader.OCTETS));
        in(false, "some");
        advance(Duration.ofSeconds(3));
        assertThat(status()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED);
        in(true, "more");
        assertThat(kind()).isNull();
    }

    @Test
    void anAnswerThatNobodyWantsAndThatDoesNotComeCutsTheConnection() {
        RpcConnection connection = initiator(RpcSettings.DEFAULTS);
        call(connection, "never", Content.JSON, Deadline.after(Duration.ofSeconds(60)));
        advance(Duration.ofSeconds(61));
        assertThat(status()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED);
        advance(Duration.ofSeconds(3));
        assertThat(kind()).isNull();
        advance(Duration.ofSeconds(3));
        assertThat(kind()).isEqualTo(Ending.Kind.ABORTED);
        assertThat(seen).contains("out RST 0");
    }

    @Test
    void aPeerThatDoesNotMoveIsCutAndSeen() {
        RpcConnection connection =
                initiator(RpcSettings.builder().progress(Duration.ofSeconds(3)).build());
        advance(Duration.ofMinutes(5)); // no call, no progress: nobody waits
        call(connection, "silent", Content.JSON, Deadline.NONE);
        advance(Duration.ofMillis(2500));
        in(CallHeader.reply(CallHeader.JSON)); // moves
        advance(Duration.ofMillis(2500));
        assertThat(kind()).isNull();
        assertThat(connection.stats().sinceProgress()).isGreaterThan(Duration.ofSeconds(2));
        advance(Duration.ofMillis(1000));
        assertThat(kind()).isEqualTo(Ending.Kind.SILENT);
        assertThat(seen).contains("stall of silent", "end SILENT");
    }

    @Test
    void aBodyWhoseConsumerDoesNotAskIsSpared() {
        RpcConnection connection =
                initiator(RpcSettings.builder().progress(Duration.ofSeconds(3)).build());
        call(connection, "stream", Content.OCTETS, Deadline.NONE);
        in(CallHeader.reply(CallHeader.OCTETS));
        in(false, "some");
        RpcReply got = reply.get();
        assertThat(got).isNotNull();
        advance(Duration.ofMinutes(1));
        assertThat(kind()).isNull();
        assertThat(connection.stats().heldIn()).isPositive();
        List<String> parts = new ArrayList<>();
        BaseSubscriber<ByteBuf> consumer = new BaseSubscriber<>() {
            @Override
            protected void hookOnSubscribe(org.reactivestreams.Subscription subscription) {
                subscription.request(1);
            }

            @Override
            protected void hookOnNext(ByteBuf part) {
                parts.add(part.toString(StandardCharsets.UTF_8));
                part.release();
            }
        };
        got.body().subscribe(consumer);
        in(true, "more");
        advance(Duration.ofMinutes(1));
        assertThat(parts).containsExactly("some");
        consumer.request(1);
        assertThat(parts).containsExactly("some", "more");
        assertThat(consumer.isDisposed()).isTrue();
        assertThat(connection.stats().outgoing()).isZero();
    }

    @Test
    void goodbyesComeLayerByLayer() {
        RpcConnection connection = initiator(RpcSettings.DEFAULTS);
        assertThat(seen).containsExactly("bytes OPEN", "frames OPEN", "messages OPEN", "calls OPEN");
        seen.clear();
        connection.closeAsync(Duration.ofSeconds(1)).subscribe();
        channel.runPendingTasks();
        assertThat(connection.stats().phase()).isEqualTo(RpcStats.Phase.CLOSING);
        in(CallHeader.reply(CallHeader.CONTROL));
        channel.writeInbound(alloc.heapBuffer(6).writeByte(0xff).writeByte(1).writeInt(0));
        channel.runPendingTasks();
        assertThat(seen)
                .containsExactly(
                        "calls DRAINING",
                        "calls CLOSING",
                        "out HEADER 73",
                        "in HEADER 68",
                        "calls CLOSED",
                        "messages DRAINING",
                        "messages CLOSING",
                        "out RST 0",
                        "in RST 0",
                        "messages CLOSED",
                        "frames DRAINING",
                        "frames CLOSING",
                        "frames CLOSED",
                        "bytes DRAINING",
                        "bytes CLOSING",
                        "bytes CLOSED",
                        "end CLEAN");
        assertThat(kind()).isEqualTo(Ending.Kind.CLEAN);
        assertThat(connection.stats().phase()).isEqualTo(RpcStats.Phase.CLOSED);
    }

    @Test
    void aCallThatIsUnderWayMayEndWithinTheGraceAndIsCutAfterIt() {
        RpcConnection connection = initiator(RpcSettings.DEFAULTS);
        call(connection, "slow", Content.JSON, Deadline.NONE);
        connection.closeAsync(Duration.ofSeconds(2)).subscribe();
        call(connection, "new", Content.JSON, Deadline.NONE);
        assertThat(status()).isEqualTo(RpcStatus.UNAVAILABLE);
        advance(Duration.ofMillis(1900));
        assertThat(kind()).isNull();
        advance(Duration.ofMillis(300));
        assertThat(kind()).isEqualTo(Ending.Kind.ABORTED);
        assertThat(seen).contains("end of slow UNAVAILABLE 2000", "out RST 0");
    }

    @Test
    void anAbortTellsThePeerAndFailsTheCall() {
        RpcConnection connection = initiator(RpcSettings.DEFAULTS);
        call(connection, "slow", Content.JSON, Deadline.NONE);
        connection.abort("enough");
        channel.runPendingTasks();
        assertThat(status()).isEqualTo(RpcStatus.UNAVAILABLE);
        assertThat(error.get()).hasMessage("connection: enough");
        assertThat(kind()).isEqualTo(Ending.Kind.ABORTED);
        assertThat(seen).contains("out RST 0", "calls ABORTED", "bytes ABORTED");
    }

    @Test
    void d9ACallTakesNoMoreMemoryThanItsBytes() {
        AtomicReference<@Nullable String> got = new AtomicReference<>();
        RpcConnection connection = connect(
                Side.ACCEPTOR,
                RpcSpec.DEFAULTS.withHandler(request -> Mono.just(RpcReply.of(request.content(), request.body()))));
        int[] largest = new int[1];
        channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                ByteBuf bytes = (ByteBuf) message;
                largest[0] = Math.max(largest[0], bytes.capacity());
                got.set(bytes.toString(StandardCharsets.UTF_8));
                ctx.write(message, promise);
            }
        });
        in(CallHeader.request("echo", CallHeader.JSON, CallHeader.JSON));
        in(true, "\"x\"");
        assertThat(got.get()).endsWith("\"x\"");
        assertThat(largest[0]).isLessThan(1024);
        assertThat(connection.stats().incoming()).isZero();
    }

    @Test
    void d12AWriteThatFailsEndsTheConnectionWithItsCause() {
        RpcConnection connection = initiator(RpcSettings.DEFAULTS);
        channel.pipeline().addFirst(new ChannelOutboundHandlerAdapter() {
            @Override
            public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
                io.netty.util.ReferenceCountUtil.release(message);
                promise.setFailure(new IOException("broken pipe"));
            }
        });
        call(connection, "echo", Content.JSON, Deadline.NONE);
        assertThat(status()).isEqualTo(RpcStatus.UNAVAILABLE);
        assertThat(kind()).isEqualTo(Ending.Kind.LOST);
        assertThat(java.util.Objects.requireNonNull(ending.get()).cause()).hasMessage("broken pipe");
    }

    @Test
    void d2ASecondRefusalOfTheOriginalIsNotTheAnswerOfTheNextCall() {
        RpcConnection connection = initiator(RpcSettings.DEFAULTS);
        call(connection, "unknown", Content.JSON, Deadline.NONE);
        in(CallHeader.failure(CallHeader.REQUEST_ERROR, "unknown endpoint"));
        assertThat(status()).isEqualTo(RpcStatus.INVALID_ARGUMENT);
        error.set(null);
        call(connection, "next", Content.NONE, Deadline.NONE);
        in(CallHeader.failure(CallHeader.REQUEST_ERROR, "unknown endpoint, made of the body"));
        assertThat(error.get()).isNull();
        in(CallHeader.reply(CallHeader.NONE));
        assertThat(reply.get()).isNotNull();
        assertThat(kind()).isNull();
    }

    @Test
    void afterARefusalTheNextCallWaitsNoLongerThanATick() {
        RpcConnection connection = initiator(RpcSettings.DEFAULTS);
        call(connection, "wrong", Content.JSON, Deadline.NONE);
        in(CallHeader.failure(CallHeader.REQUEST_ERROR, "wrong"));
        call(connection, "next", Content.NONE, Deadline.NONE);
        long before = connection.stats().bytesOut();
        advance(Duration.ofMillis(100));
        assertThat(connection.stats().bytesOut()).isGreaterThan(before);
        in(CallHeader.reply(CallHeader.NONE));
        assertThat(reply.get()).isNotNull();
    }

    @Test
    void aConnectionWithoutCallsHasNoTimer() {
        initiator(RpcSettings.DEFAULTS);
        assertThat(channel.hasPendingTasks()).isFalse();
        channel.advanceTimeBy(1, TimeUnit.HOURS);
        assertThat(channel.runScheduledPendingTasks()).isEqualTo(-1);
    }
}
