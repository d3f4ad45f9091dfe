package io.headgate.function.driver.process;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A scripted function on a unix socket, in this process: a thread per connection that says what a test wants it to. */
final class UnixPeer implements AutoCloseable {

    static final String OK = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";

    private final ServerSocketChannel server;
    private final Script script;
    private final Thread acceptor;
    private final AtomicInteger connections = new AtomicInteger();
    private final BlockingQueue<Object> events = new LinkedBlockingQueue<>();

    /** What a connection does; it is closed afterwards. */
    @FunctionalInterface
    interface Script {
        void serve(int connection, Wire wire) throws Exception;
    }

    private UnixPeer(Path socket, Script script) throws IOException {
        this.script = script;
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        acceptor = new Thread(this::accept, "unix-peer");
        acceptor.setDaemon(true);
        acceptor.start();
    }

    static UnixPeer listen(Path socket, Script script) throws IOException {
        return new UnixPeer(socket, script);
    }

    /** Listens as the kits do: beside the listener first, then the link. */
    static UnixPeer become(Path listener, Script script) throws IOException {
        UnixPeer peer = listen(Path.of(listener + ".tmp"), script);
        Files.createSymbolicLink(listener, Path.of(listener.getFileName() + ".tmp"));
        return peer;
    }

    int connections() {
        return connections.get();
    }

    /** What the script has told, in order. */
    Object next() throws InterruptedException {
        return events.poll(10, TimeUnit.SECONDS);
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel accepted = server.accept();
                int number = connections.incrementAndGet();
                Thread thread = new Thread(() -> serve(number, accepted), "unix-peer-" + number);
                thread.setDaemon(true);
                thread.start();
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void serve(int number, SocketChannel accepted) {
        try (accepted) {
            script.serve(number, new Wire(accepted));
        } catch (Exception e) {
            events.add(e);
        }
    }

    /** Nobody listens afterwards: the system accepts for as long as a thread is in accept, whether the channel is closed or not. */
    @Override
    public void close() throws IOException, InterruptedException {
        server.close();
        acceptor.join();
    }

    /** One connection. */
    final class Wire {

        private final SocketChannel channel;
        private final InputStream in;

        Wire(SocketChannel channel) {
            this.channel = channel;
            this.in = new BufferedInputStream(Channels.newInputStream(channel));
        }

        void tell(Object event) {
            events.add(event);
        }

        /** The next head, to the empty line; null at the end. */
        String head() throws IOException {
            StringBuilder head = new StringBuilder();
            while (head.indexOf("\r\n\r\n") < 0) {
                int next = in.read();
                if (next < 0) {
                    return null;
                }
                head.append((char) next);
            }
            return head.toString();
        }

        String read(int bytes) throws IOException {
            return new String(in.readNBytes(bytes), StandardCharsets.ISO_8859_1);
        }

        /** A body in chunks, put together. */
        String chunks() throws IOException {
            StringBuilder body = new StringBuilder();
            while (true) {
                StringBuilder line = new StringBuilder();
                while (line.indexOf("\r\n") < 0) {
                    line.append((char) in.read());
                }
                int size = Integer.parseInt(line.toString().strip(), 16);
                body.append(read(size));
                in.readNBytes(2);
                if (size == 0) {
                    return body.toString();
                }
            }
        }

        void write(String text) throws IOException {
            ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }
}
