package io.headgate.samples.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;

/**
 * Blocking channels of java.nio with direct buffers and a thread for each connection: what the system can do with as little Java
 * in between as there can be. On one connection calls are written and read in batches.
 */
final class NioContender implements Contender {

    @Override
    public String name() {
        return "java.nio";
    }

    @Override
    public Set<Link> links() {
        return Set.of(Link.TCP, Link.UNIX);
    }

    @Override
    public Host serve(Link link, SocketAddress where) throws IOException {
        ServerSocketChannel listening = where instanceof UnixDomainSocketAddress
                ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                : ServerSocketChannel.open();
        listening.bind(where);
        daemon("accept", () -> accept(listening));
        SocketAddress bound = listening.getLocalAddress();
        return new Host() {
            @Override
            public SocketAddress address() {
                return bound;
            }

            @Override
            public void close() {
                closeQuietly(listening);
            }
        };
    }

    private static void accept(ServerSocketChannel listening) {
        try {
            while (true) {
                SocketChannel channel = listening.accept();
                configure(channel);
                daemon("serve", () -> serve(channel));
            }
        } catch (IOException closed) {
            closeQuietly(listening);
        }
    }

    private static void serve(SocketChannel channel) {
        try {
            new NioAnswering(channel).run();
        } catch (IOException gone) {
            closeQuietly(channel);
        }
    }

    @Override
    public Caller connect(Link link, SocketAddress where) throws IOException {
        SocketChannel channel = SocketChannel.open(where);
        configure(channel);
        return new NioCaller(channel);
    }

    private static void configure(SocketChannel channel) throws IOException {
        if (!(channel.getLocalAddress() instanceof UnixDomainSocketAddress)) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
    }

    static void closeQuietly(AutoCloseable channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static void daemon(String name, Runnable work) {
        Thread thread = new Thread(work, "java.nio " + name);
        thread.setDaemon(true);
        thread.start();
    }
}
