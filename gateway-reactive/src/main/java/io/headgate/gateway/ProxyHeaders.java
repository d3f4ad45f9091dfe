package io.headgate.gateway;

import io.headgate.mux.internal.Failures;
import io.headgate.mux.internal.FrontContext;
import io.headgate.mux.internal.FrontInfo;
import io.headgate.mux.internal.Ticker;
import io.headgate.mux.internal.Timed;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyMessageDecoder;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.AddressFamily;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.TransportProtocol;
import io.netty.util.NetUtil;
import io.netty.util.ReferenceCountUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.InvalidPathException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the header of the PROXY protocol that a connection begins with, remembers its addresses, lets the pipeline be made
 * and steps aside. Until then nothing of the connection goes anywhere.
 */
final class ProxyHeaders extends ChannelInboundHandlerAdapter implements Timed {

    private static final Logger LOG = LoggerFactory.getLogger(ProxyHeaders.class);

    private static final int MAX_EXTENSION_BYTES = 2048;

    private final FrontContext context;
    private final Runnable then;
    private @Nullable Channel channel;
    private Ticker.@Nullable Registration timer;
    private long since;

    private ProxyHeaders(FrontContext context, Runnable then) {
        this.context = context;
        this.then = then;
    }

    /** Fails early, and with words, when the decoder is not on the class path. */
    static void checkAvailable() {
        try {
            Class.forName(
                    "io.netty.handler.codec.haproxy.HAProxyMessageDecoder", false, ProxyHeaders.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException(
                    "proxyProtocol: io.netty:netty-codec-haproxy is missing (expected: on the class path)", e);
        }
    }

    /**
     * Makes a pipeline begin with a header.
     *
     * @param then adds the handlers that read what follows the header
     */
    static void install(ChannelPipeline pipeline, FrontContext context, Runnable then) {
        pipeline.addLast("proxy-header-decoder", new HAProxyMessageDecoder(MAX_EXTENSION_BYTES))
                .addLast("proxy-header", new ProxyHeaders(context, then));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        channel = ctx.channel();
        timer = context.loop().ticker().register(this);
        since = context.loop().ticker().now();
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext ctx) {
        if (timer != null) {
            timer.close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        if (!(message instanceof HAProxyMessage header)) {
            ReferenceCountUtil.release(message); // what follows a header that was refused: the channel is being closed
            return;
        }
        try {
            remember(ctx.channel(), header);
        } finally {
            header.release();
        }
        then.run();
        ctx.pipeline().remove(this);
    }

    private static void remember(Channel channel, HAProxyMessage header) {
        if (header.command() == HAProxyCommand.LOCAL
                || header.proxiedProtocol().transportProtocol() == TransportProtocol.UNSPEC) {
            return;
        }
        if (header.proxiedProtocol().transportProtocol() != TransportProtocol.STREAM) {
            throw new DecoderException("transport: " + header.proxiedProtocol() + " (expected: a stream)");
        }
        FrontInfo.announce(
                channel,
                address(header, header.sourceAddress(), header.sourcePort()),
                address(header, header.destinationAddress(), header.destinationPort()));
    }

    private static SocketAddress address(HAProxyMessage header, String text, int port) {
        if (header.proxiedProtocol().addressFamily() == AddressFamily.AF_UNIX) {
            try {
                return UnixDomainSocketAddress.of(text);
            } catch (InvalidPathException e) {
                throw new DecoderException("address: not a path", e);
            }
        }
        InetAddress address = NetUtil.createInetAddressFromIpAddressString(text);
        if (address == null) {
            throw new DecoderException("address: " + text + " (expected: an IP address)");
        }
        return new InetSocketAddress(address, port);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        Failures.log(LOG, "client connection", ctx.channel(), cause);
        ctx.close();
    }

    @Override
    public void tick(long now) {
        if (channel != null
                && context.loop().ticker().isOver(since, context.settings().requestHead())) {
            channel.close();
        }
    }
}
