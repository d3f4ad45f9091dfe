package io.headgate.rpc.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcObserver;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStats;
import io.headgate.rpc.RpcStatus;
import io.headgate.test.AllocationAssert;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

class RpcObserversTest {

    private static final Ending CLEAN = Ending.of(Ending.Kind.CLEAN, "both sides said goodbye");

    private final RpcConnection connection = new NoConnection();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    @TempDir
    Path folder;

    /** Nothing but an identity. */
    private static final class NoConnection implements RpcConnection {

        @Override
        public Mono<RpcReply> call(RpcRequest request) {
            return Mono.empty();
        }

        @Override
        public Mono<Void> opened() {
            return Mono.empty();
        }

        @Override
        public Mono<Ending> closed() {
            return Mono.empty();
        }

        @Override
        public Mono<Void> closeAsync(Duration grace) {
            return Mono.empty();
        }

        @Override
        public void abort(String reason) {
            // nothing to cut
        }

        @Override
        public RpcStats stats() {
            throw new UnsupportedOperationException("stats");
        }

        @Override
        public SocketAddress remoteAddress() {
            return InetSocketAddress.createUnresolved("peer", 7);
        }
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    private void all(RpcObserver observer) {
        ByteBuf bytes = bytes("abc");
        observer.onPhase(connection, "calls", RpcStats.Phase.OPEN, 1_500_000);
        observer.onBytes(connection, true, bytes);
        observer.onFrame(connection, true, "DATA", 5, 3);
        observer.onCall(connection, false, "a/b");
        observer.onCallEnd(connection, false, "a/b", RpcStatus.NOT_FOUND, 2_000_000);
        observer.onStall(connection, 5, "a/b", 3_000_000);
        observer.onStall(connection, 0, null, 3_000_000);
        observer.onEnd(connection, CLEAN);
        observer.onEnd(connection, new Ending(Ending.Kind.LOST, "end of stream", new IOException("reset")));
        assertThat(bytes.readableBytes()).isEqualTo(3);
        assertThat(bytes.refCnt()).isOne();
    }

    private static List<String> logged(Level level, java.util.function.Consumer<RpcObserver> events) {
        LoggerContext context = new LoggerContext();
        Logger logger = context.getLogger("test");
        logger.setLevel(level);
        ListAppender<ILoggingEvent> appender = new ListAppender<>();
        appender.start();
        logger.addAppender(appender);
        events.accept(RpcLog.to(logger));
        return appender.list.stream()
                .map(event ->
                        event.getLevel() + " " + event.getFormattedMessage().replaceAll("#[0-9a-f]+", "#1"))
                .toList();
    }

    @Test
    void logsEachThingAtItsLevel() {
        assertThat(logged(Level.TRACE, this::all))
                .containsExactly(
                        "INFO peer/<unresolved>:7#1 open after 1.5 ms",
                        "TRACE peer/<unresolved>:7#1 <- DATA stream 5, 3 bytes",
                        "DEBUG peer/<unresolved>:7#1 -> a/b",
                        "DEBUG peer/<unresolved>:7#1 -> a/b: NOT_FOUND after 2.0 ms",
                        "WARN peer/<unresolved>:7#1 a/b, stream 5 stood still for 3.0 ms",
                        "WARN peer/<unresolved>:7#1 the peer was not heard of for 3.0 ms",
                        "INFO peer/<unresolved>:7#1 ended: both sides said goodbye",
                        "WARN peer/<unresolved>:7#1 ended, LOST: end of stream (java.io.IOException: reset)");
        assertThat(logged(Level.INFO, this::all)).hasSize(5);
        assertThat(logged(Level.OFF, this::all)).isEmpty();
    }

    @Test
    void whatTheOtherSideSaysStaysOnItsLine() {
        assertThat(logged(Level.DEBUG, observer -> {
                    observer.onCall(connection, true, "a\r\nERROR b");
                    observer.onCallEnd(connection, true, "a\nb", RpcStatus.OK, 1_000_000);
                    observer.onStall(connection, 5, "a\u001b[2Jb", 1_000_000);
                    observer.onEnd(
                            connection, new Ending(Ending.Kind.ABORTED_BY_PEER, "a\nb", new IOException("c\nd")));
                }))
                .containsExactly(
                        "DEBUG peer/<unresolved>:7#1 <- a\\u000d\\u000aERROR b",
                        "DEBUG peer/<unresolved>:7#1 <- a\\u000ab: OK after 1.0 ms",
                        "WARN peer/<unresolved>:7#1 a\\u001b[2Jb, stream 5 stood still for 1.0 ms",
                        "WARN peer/<unresolved>:7#1 ended, ABORTED_BY_PEER: a\\u000ab (java.io.IOException: c\\u000ad)");
    }

    @Test
    void aLogThatIsOffAllocatesNothing() {
        Logger off = new LoggerContext().getLogger("test");
        off.setLevel(Level.OFF);
        RpcObserver log = RpcLog.to(off);
        assertThat(AllocationAssert.bytesPerCall(() -> {
                    log.onFrame(connection, true, "DATA", 1, 1000);
                    log.onCall(connection, true, "a/b");
                    log.onCallEnd(connection, true, "a/b", RpcStatus.OK, 1000);
                }))
                .isLessThan(1);
    }

    @Test
    void dumpsEachDirectionOfEachConnectionForItself() {
        RpcDump dump = RpcDump.into(folder).withScheduler(Schedulers.immediate());
        RpcConnection other = new NoConnection();
        dump.onBytes(connection, true, bytes("question"));
        dump.onBytes(other, true, bytes("other"));
        dump.onBytes(connection, false, bytes("answer"));
        dump.onBytes(connection, true, bytes("?"));
        dump.onEnd(connection, CLEAN);
        dump.onEnd(other, CLEAN);
        assertThat(folder.resolve("1-in.bin")).hasContent("question?");
        assertThat(folder.resolve("1-out.bin")).hasContent("answer");
        assertThat(folder.resolve("2-in.bin")).hasContent("other");
        assertThat(folder.resolve("2-out.bin")).doesNotExist();
        assertThat(dump.dropped()).isZero();
    }

    @Test
    void dumpsTheOneDirectionThatIsWanted() {
        for (boolean inbound : new boolean[] {true, false}) {
            out.reset();
            RpcDump.Target target = number -> Channels.newChannel(out);
            RpcDump dump = (inbound ? RpcDump.to(target, null) : RpcDump.to(null, target))
                    .withScheduler(Schedulers.immediate());
            dump.onBytes(connection, true, bytes("in"));
            dump.onBytes(connection, false, bytes("out"));
            dump.onEnd(connection, CLEAN);
            assertThat(out).hasToString(inbound ? "in" : "out");
        }
    }

    @Test
    void whatIsTooMuchIsDroppedCountedAndMarked() {
        List<Runnable> tasks = new ArrayList<>();
        RpcDump dump = RpcDump.to(number -> Channels.newChannel(out), null)
                .withScheduler(Schedulers.fromExecutor(tasks::add))
                .withMaxWaiting(10);
        dump.onBytes(connection, true, bytes("0123456789"));
        dump.onBytes(connection, true, bytes("lost"));
        dump.onBytes(connection, true, bytes("!"));
        run(tasks);
        dump.onBytes(connection, true, bytes("again"));
        dump.onBytes(connection, true, bytes("this, too, is lost"));
        dump.onEnd(connection, CLEAN);
        run(tasks);
        assertThat(out).hasToString("0123456789\n[5 bytes dropped]\nagain\n[18 bytes dropped]\n");
        assertThat(dump.dropped()).isEqualTo(23);
    }

    @Test
    void aChannelThatCannotBeOpenedIsLeftOut() {
        RpcDump dump = RpcDump.into(folder.resolve("missing")).withScheduler(Schedulers.immediate());
        dump.onBytes(connection, true, bytes("abc"));
        dump.onBytes(connection, true, bytes("def"));
        dump.onEnd(connection, CLEAN);
        assertThat(dump.dropped()).isEqualTo(6);
    }

    @Test
    void twoObserversAreToldEvenWhenTheFirstThrows() {
        List<String> told = new ArrayList<>();
        RpcObserver throwing = new RpcObserver() {
            @Override
            public void onCall(RpcConnection where, boolean inbound, String endpoint) {
                throw new IllegalStateException("broken");
            }
        };
        RpcObserver noting = new RpcObserver() {
            @Override
            public void onCall(RpcConnection where, boolean inbound, String endpoint) {
                told.add(endpoint);
            }
        };
        assertThatThrownBy(() -> throwing.and(noting).onCall(connection, true, "a"))
                .hasMessage("broken");
        assertThat(told).containsExactly("a");
        assertThat(RpcObserver.NONE.and(noting)).isSameAs(noting);
        assertThat(noting.and(RpcObserver.NONE)).isSameAs(noting);
        assertThat(logged(Level.INFO, log -> all(noting.and(log)))).hasSize(5);
    }

    private static void run(List<Runnable> tasks) {
        List<Runnable> now = List.copyOf(tasks);
        tasks.clear();
        now.forEach(Runnable::run);
    }
}
