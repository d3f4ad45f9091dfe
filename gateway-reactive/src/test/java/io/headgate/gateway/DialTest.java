package io.headgate.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.http.Body;
import io.headgate.http.HttpExchange;
import io.headgate.http.HttpReply;
import io.headgate.http.RequestHead;
import io.headgate.mux.ConnectionObserver;
import io.headgate.mux.MuxSettings;
import io.headgate.mux.internal.BackExchange;
import io.headgate.mux.internal.Loop;
import io.headgate.mux.internal.Pool;
import io.headgate.mux.internal.Target;
import io.headgate.resolve.Endpoint;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelException;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Mono;

class DialTest {

    private static final long PATIENCE_SECONDS = 10;

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final Loop loop = new Loop(0, (EventLoop) group.next(), Duration.ofMillis(10));

    @AfterEach
    void close() throws InterruptedException {
        group.shutdownGracefully(0, PATIENCE_SECONDS, TimeUnit.SECONDS).sync();
    }

    /** As when there are no file descriptors left. */
    @Test
    void aSocketThatCannotBeOpenedFailsTheExchangeOnItsLoop() throws Exception {
        Bootstrap client = new Bootstrap().group(loop.executor()).channelFactory(() -> {
            throw new ChannelException("too many open files");
        });
        CompletableFuture<Boolean> failedOnLoop = new CompletableFuture<>();
        Pool pool = new Pool(
                loop,
                MuxSettings.DEFAULTS,
                from -> new Dial(
                                Endpoint.of("127.0.0.1", 1),
                                from,
                                null,
                                ConnectionObserver.NONE,
                                failure -> failedOnLoop.complete(loop.isCurrent()))
                        .start(client),
                1,
                1);
        CompletableFuture<HttpReply> call = call(pool).toFuture();
        assertThat(call)
                .failsWithin(Duration.ofSeconds(PATIENCE_SECONDS))
                .withThrowableThat()
                .withStackTraceContaining("too many open files");
        assertThat(failedOnLoop.get(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        assertThat(pool.figures()).isEqualTo(new Pool.Figures(0, 0, 0, 0, 0));
    }

    private Mono<HttpReply> call(Pool pool) {
        Target target = new Target() {
            @Override
            public Pool pool(Loop current, @Nullable Pool failed) {
                return pool;
            }

            @Override
            public MuxSettings settings() {
                return MuxSettings.DEFAULTS.toBuilder().maxAttempts(1).build();
            }
        };
        HttpExchange exchange = HttpExchange.of(RequestHead.of("GET", "a.example", "/"), Body.empty());
        return new Mono<>() {
            @Override
            public void subscribe(CoreSubscriber<? super HttpReply> actual) {
                actual.onSubscribe(new BackExchange(target, loop, exchange, actual));
            }
        };
    }
}
