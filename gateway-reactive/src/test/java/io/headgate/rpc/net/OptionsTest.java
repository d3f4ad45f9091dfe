package io.headgate.rpc.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.rpc.RpcSpec;
import io.headgate.rpc.Steps;
import io.headgate.rpc.wire.HeadgateWire;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelOption;
import io.netty.channel.DefaultChannelConfig;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What sockets hold depends on where their peer is. */
class OptionsTest {

    private static final int SEND_BUFFER = 256 * 1024;

    @TempDir
    private Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"tcp://127.0.0.1:0", "tls://127.0.0.1:0", "unix:FOLDER/rpc.sock"})
    void bothEndsOnOneMachineHoldWhatItsCachesDo(String address) {
        Steps steps = new Steps();
        try (SocketPair sockets =
                new SocketPair(address.replace("FOLDER", folder.toString()), HeadgateWire.DIALECT, steps.buffers)) {
            sockets.connect(RpcSpec.DEFAULTS, RpcSpec.DEFAULTS);
            assertThat(sockets.channels()).hasSize(2).allSatisfy(channel -> {
                assertThat(channel.config().getWriteBufferWaterMark().high()).isEqualTo(1024 * 1024);
                int held = channel.config().getOption(ChannelOption.SO_SNDBUF);
                channel.config().setOption(ChannelOption.SO_SNDBUF, SEND_BUFFER);
                assertThat(held)
                        .as("as the kernel counts it")
                        .isEqualTo(channel.config().getOption(ChannelOption.SO_SNDBUF));
            });
        }
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1,   127.0.0.2,   true",
        "::1,         ::1,         true",
        "192.0.2.7,   192.0.2.7,   true",
        "192.0.2.7,   192.0.2.8,   false",
        "2001:db8::1, 2001:db8::2, false"
    })
    void aPeerIsNearOnALoopbackOrTheSameAddress(String own, String peer, boolean near) {
        Connected channel = new Connected(new InetSocketAddress(own, 1), new InetSocketAddress(peer, 2));
        Options.fit(channel, RpcAddress.Scheme.TCP);
        assertThat(channel.sendBuffers).isEqualTo(near ? List.of(SEND_BUFFER) : List.of());
        assertThat(channel.config().getWriteBufferWaterMark() == WriteBufferWaterMark.DEFAULT)
                .isEqualTo(!near);
        channel.finishAndReleaseAll();
    }

    @Test
    void whatIsClosedAlreadyStaysAsItIs() {
        Connected channel = new Connected(new InetSocketAddress("::1", 1), new InetSocketAddress("::1", 2));
        channel.finishAndReleaseAll();
        Options.fit(channel, RpcAddress.Scheme.TCP);
        assertThat(channel.sendBuffers).isEmpty();
    }

    /** A channel between addresses of choice, which remembers the send buffers that it was given. */
    private static final class Connected extends EmbeddedChannel {

        private final List<Integer> sendBuffers = new ArrayList<>();
        private final SocketAddress own;
        private final SocketAddress peer;
        private final ChannelConfig config = new Remembering(this);

        Connected(SocketAddress own, SocketAddress peer) {
            this.own = own;
            this.peer = peer;
        }

        @Override
        public ChannelConfig config() {
            return config == null ? super.config() : config; // it is asked for before this object is made
        }

        @Override
        protected SocketAddress localAddress0() {
            return own;
        }

        @Override
        protected SocketAddress remoteAddress0() {
            return peer;
        }

        private final class Remembering extends DefaultChannelConfig {

            Remembering(Channel channel) {
                super(channel);
            }

            @Override
            public <T> boolean setOption(ChannelOption<T> option, T value) {
                return option == ChannelOption.SO_SNDBUF
                        ? sendBuffers.add((Integer) value)
                        : super.setOption(option, value);
            }
        }
    }
}
