package io.headgate.mux.internal;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.unix.RawUnixChannelOption;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * What Linux knows of a TCP connection (struct tcp_info of tcp(7)): how much the peer has acknowledged, which bytes handed to
 * the kernel do not tell, and whether it has reset a connection that nobody reads. Costs a system call, so it is for ticks
 * of connections that stand still. Other transports know nothing.
 */
final class KernelTcp {

    private static final int IPPROTO_TCP = 6;
    private static final int TCP_INFO = 11;
    private static final int LENGTH = 128;
    private static final int STATE_AT = 0;
    private static final int BYTES_ACKED_AT = 120;
    private static final byte CLOSE = 7;

    private static final @Nullable ChannelOption<ByteBuffer> INFO = option();

    private KernelTcp() {}

    private static @Nullable ChannelOption<ByteBuffer> option() {
        boolean linux = System.getProperty("os.name", "").equals("Linux");
        try {
            return linux ? new RawUnixChannelOption("HEADGATE_TCP_INFO", IPPROTO_TCP, TCP_INFO, LENGTH) : null;
        } catch (NoClassDefFoundError e) {
            return null; // native transports are an option
        }
    }

    private static @Nullable ByteBuffer info(Channel channel) {
        if (INFO == null || !channel.isActive()) {
            return null;
        }
        try {
            ByteBuffer info = channel.config().getOption(INFO); // null from transports that do not know it
            return info == null || info.remaining() < LENGTH ? null : info.order(ByteOrder.nativeOrder());
        } catch (RuntimeException e) {
            return null; // closed in the meantime
        }
    }

    /** How many bytes the peer has acknowledged so far, or -1. */
    static long acknowledged(Channel channel) {
        ByteBuffer info = info(channel);
        return info == null ? -1 : info.getLong(info.position() + BYTES_ACKED_AT);
    }

    /** Whether the connection is known to be gone although that has not been read yet. */
    static boolean isReset(Channel channel) {
        ByteBuffer info = info(channel);
        return info != null && info.get(info.position() + STATE_AT) == CLOSE;
    }
}
