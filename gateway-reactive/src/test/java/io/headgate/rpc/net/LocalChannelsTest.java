package io.headgate.rpc.net;

import static io.headgate.rpc.Steps.LONG;
import static io.headgate.rpc.Steps.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.rpc.Steps;
import io.headgate.rpc.wire.HeadgateWire;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.BaseSubscriber;

class LocalChannelsTest {

    private static final String ADDRESS = "local:channels";

    private final Steps steps = new Steps();
    private final RpcServer server = RpcServer.bind(RpcServerSpec.of(ADDRESS, HeadgateWire.DIALECT)
                    .withHandler(steps.desk().echo()))
            .block(LONG);

    @AfterEach
    void close() {
        server.closeAsync(Duration.ZERO).block(LONG);
    }

    /** A dial ends as soon as calls can be made, which may be before its subscriber has been told of the channel. */
    @Test
    void aChannelOutlivesTheWaitForIt() throws Exception {
        BaseSubscriber<Channel> waiting = new BaseSubscriber<>() {};
        CompletableFuture<Channel> made = new CompletableFuture<>();
        LocalChannels.connect(RpcClientSpec.of(ADDRESS, HeadgateWire.DIALECT), channel -> {
                    waiting.cancel();
                    made.complete(channel);
                })
                .subscribe(waiting);
        Channel channel = made.get(LONG.toSeconds(), TimeUnit.SECONDS);
        await().until(channel::isActive);
        await().until(() -> server.stats().connections() == 1);
        channel.close();
        await().until(() -> server.stats().connections() == 0);
    }

    /** Its thread lives as long as its channel. */
    @Test
    void aDialThatIsCancelledLeavesNoChannel() {
        for (int i = 0; i < 20; i++) {
            RpcClient.connect(RpcClientSpec.of(ADDRESS, HeadgateWire.DIALECT))
                    .subscribe()
                    .dispose();
        }
        await().untilAsserted(() -> {
            assertThat(server.stats().connections()).isZero();
            assertThat(threads(ADDRESS)).isLessThanOrEqualTo(2); // the server's own
        });
    }

    static long threads(String address) {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("headgate-rpc-" + address))
                .count();
    }
}
