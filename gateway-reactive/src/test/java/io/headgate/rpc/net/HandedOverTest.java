package io.headgate.rpc.net;

import static io.headgate.rpc.Steps.LONG;
import static io.headgate.rpc.Steps.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.rpc.Content;
import io.headgate.rpc.Dialect;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.RpcStatus;
import io.headgate.rpc.wire.HeadgateWire;
import io.headgate.rpc.zrepl.ZreplWire;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import reactor.core.publisher.Mono;

/** How a client finds its server within one process, and when bytes are spoken all the same. */
class HandedOverTest {

    private static final String ADDRESS = "local:door";
    private static final Service<RpcRequest, RpcReply> ECHO =
            request -> Mono.just(RpcReply.of(Content.OCTETS, request.body()));
    private static final RpcServerSpec SERVER =
            RpcServerSpec.of(ADDRESS, HeadgateWire.DIALECT).withHandler(ECHO);
    private static final RpcClientSpec CLIENT = RpcClientSpec.of(ADDRESS, HeadgateWire.DIALECT);

    private enum Way {
        OBJECTS(HeadgateWire.DIALECT),
        BYTES(new Speaking()),
        BYTES_OF_2017(ZreplWire.DIALECT);

        private final RpcServerSpec server;
        private final RpcClientSpec client;

        Way(Dialect dialect) {
            server = RpcServerSpec.of(ADDRESS, dialect).withHandler(ECHO);
            client = RpcClientSpec.of(ADDRESS, dialect);
        }
    }

    private RpcServer server;

    private RpcServer serve(RpcServerSpec spec) {
        server = RpcServer.bind(spec).block(LONG);
        return server;
    }

    private static RpcConnection dial(RpcClientSpec spec) {
        return RpcClient.connect(spec).block(LONG);
    }

    private static RpcException refused(RpcClientSpec spec) {
        return catchThrowableOfType(RpcException.class, () -> dial(spec));
    }

    private static ByteBuf echoed(RpcConnection connection, ByteBuf sent) {
        return connection
                .call(RpcRequest.of("echo", Content.OCTETS, Content.OCTETS, Body.of(sent)))
                .flatMapMany(RpcReply::body)
                .blockLast(LONG);
    }

    @AfterEach
    void close() {
        server.closeAsync(Duration.ZERO).block(LONG);
        assertThat(server.stats().connections()).isZero();
    }

    @Test
    void aBufferPassesByReferenceBothWays() {
        serve(SERVER);
        RpcConnection connection = dial(CLIENT);
        ByteBuf sent = Unpooled.buffer(1 << 20).writeZero(1 << 20);
        ByteBuf come = echoed(connection, sent);
        assertThat(come).isSameAs(sent);
        assertThat(come.refCnt()).isEqualTo(1);
        come.release();
        assertThat(connection.stats().bytesOut()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void noThreadIsKeptForAConnection(Way way) {
        serve(way.server);
        RpcConnection connection = dial(way.client);
        await().until(() -> LocalChannelsTest.threads(ADDRESS) <= 2); // the server's own
        ByteBuf come = echoed(connection, Unpooled.wrappedBuffer(new byte[10]));
        assertThat(come.readableBytes()).isEqualTo(10);
        come.release();
        assertThat(server.stats().connections()).isEqualTo(1);
        connection.closeAsync(LONG).block(LONG);
        await().until(() -> server.connections().isEmpty());
    }

    @ParameterizedTest
    @EnumSource
    void whoIsConnectedCountsUntilTheEnd(Way way) {
        serve(way.server.withMaxConnections(1));
        RpcConnection first = dial(way.client);
        await().until(() -> LocalChannelsTest.threads(ADDRESS) <= 2);
        assertThat(refused(way.client)).hasMessage(ADDRESS + ": closed before its handshake");
        first.closeAsync(LONG).block(LONG);
        await().until(() -> server.stats().connections() == 0);
        assertThat(dial(way.client).status()).isEqualTo(Service.Status.OPEN);
        assertThat(server.stats().refused()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void theServerEndsAConnectionWithoutAChannel(Way way) {
        serve(way.server);
        RpcConnection connection = dial(way.client);
        await().until(() -> LocalChannelsTest.threads(ADDRESS) <= 2);
        server.closeAsync(LONG).block(LONG);
        assertThat(connection.closed().block(LONG).isClean()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"true,false", "false,true", "true,true"})
    void bytesAreSpokenWhereOneSideNeedsThem(boolean here, boolean there) {
        Dialect speaking = new Speaking();
        serve(RpcServerSpec.of(ADDRESS, there ? speaking : HeadgateWire.DIALECT).withHandler(ECHO));
        RpcConnection connection = dial(RpcClientSpec.of(ADDRESS, here ? speaking : HeadgateWire.DIALECT));
        ByteBuf come = echoed(connection, Unpooled.wrappedBuffer(new byte[10]));
        assertThat(come.readableBytes()).isEqualTo(10);
        come.release();
        assertThat(connection.stats().bytesOut()).isGreaterThan(10);
    }

    @Test
    void theWireOf2017IsSpoken() {
        serve(RpcServerSpec.of(ADDRESS, ZreplWire.DIALECT, HeadgateWire.DIALECT).withHandler(ECHO));
        RpcConnection connection = dial(RpcClientSpec.of(ADDRESS, ZreplWire.DIALECT));
        ByteBuf come = echoed(connection, Unpooled.wrappedBuffer(new byte[10]));
        assertThat(come.readableBytes()).isEqualTo(10);
        come.release();
        assertThat(connection.stats().bytesOut()).isGreaterThan(10);
    }

    @Test
    void aDialectThatTheServerDoesNotSpeakIsNamed() {
        serve(RpcServerSpec.of(ADDRESS, ZreplWire.DIALECT).withHandler(ECHO));
        assertThat(refused(CLIENT)).hasMessage(ADDRESS + ": dialect: headgate (expected: zrepl)");
        assertThat(server.stats().strangers()).isEqualTo(1);
    }

    @Test
    void aClientThatNoHandlerCanBeMadeForIsRefused() {
        serve(SERVER.withHandlers(arrival -> {
            throw new IllegalStateException("secret");
        }));
        assertThat(refused(CLIENT)).hasMessage(ADDRESS + ": the server let it go");
        await().until(() -> server.stats().connections() == 0);
    }

    /** The bytes of its dialect tell the client, as they do on a network. */
    @ParameterizedTest
    @EnumSource(names = {"BYTES", "BYTES_OF_2017"})
    void aClientThatNoHandlerCanBeMadeForIsLetGo(Way way) {
        serve(way.server.withHandlers(arrival -> {
            throw new IllegalStateException("secret");
        }));
        RpcException told = catchThrowableOfType(
                RpcException.class, () -> echoed(dial(way.client), Unpooled.wrappedBuffer(new byte[10])));
        assertThat(told).hasMessageNotContaining("secret");
        assertThat(told.rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
        await().until(() -> server.stats().connections() == 0);
    }

    @Test
    void whoSendsBytesWithoutAnIntroductionIsLetGo() throws Exception {
        serve(SERVER);
        CompletableFuture<Channel> made = new CompletableFuture<>();
        LocalChannels.connect(CLIENT, made::complete).subscribe();
        Channel channel = made.get(LONG.toSeconds(), TimeUnit.SECONDS);
        await().until(channel::isActive);
        ByteBuf bytes = Unpooled.wrappedBuffer(new byte[10]);
        channel.writeAndFlush(bytes);
        assertThat(channel.closeFuture().await(LONG.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        await().until(() -> bytes.refCnt() == 0);
        assertThat(server.stats().strangers()).isEqualTo(1);
    }

    /** Our own wire for somebody who wants to see its bytes. */
    private static final class Speaking implements Dialect {

        @Override
        public String name() {
            return HeadgateWire.DIALECT.name();
        }

        @Override
        public boolean beginsWith(int firstByte) {
            return HeadgateWire.DIALECT.beginsWith(firstByte);
        }

        @Override
        public RpcConnection connect(Channel channel, Side side, RpcSpec spec) {
            return HeadgateWire.DIALECT.connect(channel, side, spec);
        }
    }
}
