package io.headgate.benchmarks.sync;

import io.headgate.sync.SyncEvent;
import io.headgate.sync.SyncStatus;
import io.headgate.sync.client.SyncClient;
import io.headgate.sync.client.SyncClientSpec;
import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.socket.SocketChannel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import reactor.netty.resources.LoopResources;

/** The process of the clients: does what the lines of its input say, and answers each with a line. */
final class FleetMain implements FleetClient.Watcher {

    /** So many connections are being opened at one time. */
    private static final int OPENING = 64;

    private final LoopResources loops = LoopResources.create("fleet", 2, true);
    private final EventLoopGroup group = loops.onClient(true);
    private final List<FleetClient> clients = new ArrayList<>();
    private final Semaphore opening = new Semaphore(OPENING);
    private final Object news = new Object();
    private final AtomicInteger inSync = new AtomicInteger();
    private final AtomicInteger ended = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();
    private final AtomicLong lastAt = new AtomicLong();
    private final Latencies latencies = new Latencies();
    private int stalled;

    private FleetMain() {}

    /**
     * Runs until its input ends.
     *
     * @param args none
     * @throws Exception when its input cannot be read
     */
    public static void main(String[] args) throws Exception {
        FleetMain fleet = new FleetMain();
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            System.out.println(fleet.perform(line.split(" ")));
        }
        System.exit(0);
    }

    private String perform(String[] command) throws InterruptedException, IOException {
        return switch (command[0]) {
            case "connect" ->
                connect(
                        Integer.parseInt(command[1]),
                        Integer.parseInt(command[2]),
                        Boolean.parseBoolean(command[3]),
                        Integer.parseInt(command[4]));
            case "sink" -> sink(Integer.parseInt(command[1]), Integer.parseInt(command[2]));
            case "drained" -> drained();
            case "follow" -> follow(command[1], command[2], Integer.parseInt(command[3]));
            case "forget" -> {
                inSync.set(0);
                yield "forgotten";
            }
            case "resynced" -> await(inSync, Integer.parseInt(command[1]));
            case "mark" -> mark();
            case "await" -> await(ended, clients.size() - stalled);
            case "stall" -> reads(Integer.parseInt(command[1]), false);
            case "resume" -> reads(stalled, true);
            case "close" -> close();
            default -> throw new IOException(command[0] + ": unknown (expected: connect, mark, await, stall, close)");
        };
    }

    private String connect(int port, int count, boolean compressed, int sampled) throws InterruptedException {
        Hello hello = Hello.of(compressed);
        long target = compressed ? probe(port, hello) : 0;
        inSync.set(0);
        closed.set(0);
        long begun = System.nanoTime();
        for (int i = 0; i < count; i++) {
            FleetClient client = new FleetClient(hello, i < sampled, target, this);
            clients.add(client);
            opening.acquire();
            bootstrap(client).connect("127.0.0.1", port).addListener(done -> opening.release());
        }
        String answer = await(inSync, count);
        return answer + " took=" + (lastAt.get() - begun);
    }

    /** Whole clients, each of two servers. */
    private String follow(String port, String otherPort, int count) throws InterruptedException {
        inSync.set(0);
        closed.set(0);
        SyncClientSpec spec =
                SyncClientSpec.of("127.0.0.1:" + port, "127.0.0.1:" + otherPort).withLoops(loops);
        for (int i = 0; i < count; i++) {
            SyncClient.of(spec).events().subscribe(event -> {
                if (event instanceof SyncEvent.Status now && now.status() == SyncStatus.IN_SYNC) {
                    lastAt.set(System.nanoTime());
                    count(inSync);
                }
            });
        }
        return await(inSync, count);
    }

    private final AtomicLong sunk = new AtomicLong();
    private int sinks;

    private String sink(int port, int count) throws InterruptedException {
        closed.set(0);
        sunk.set(0);
        sinks = count;
        for (int i = 0; i < count; i++) {
            opening.acquire();
            bootstrap(new Sink()).connect("127.0.0.1", port).addListener(done -> opening.release());
        }
        return "connecting";
    }

    private String drained() throws InterruptedException {
        until(() -> closed.get() >= sinks);
        return "done at=" + lastAt.get() + " bytes=" + sunk.get();
    }

    /** Counts bytes and nothing else. */
    private final class Sink extends ChannelInboundHandlerAdapter {

        private long bytes;

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            bytes += ((ByteBuf) message).readableBytes();
            ((ByteBuf) message).release();
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) {
            sunk.addAndGet(bytes);
            lastAt.set(System.nanoTime());
            count(closed);
        }
    }

    /** The end of a compressed snapshot is in the midst of a chunk: one client decodes all, the others count. */
    private long probe(int port, Hello hello) throws InterruptedException {
        inSync.set(0);
        closed.set(0);
        FleetClient client = new FleetClient(hello, true, 0, this);
        bootstrap(client).connect("127.0.0.1", port);
        await(inSync, 1);
        client.close();
        until(() -> closed.get() > 0);
        return client.chunkBytes();
    }

    private Bootstrap bootstrap(ChannelHandler client) {
        return new Bootstrap()
                .group(group)
                .channel(loops.onChannelClass(SocketChannel.class, group))
                .option(ChannelOption.SO_RCVBUF, 256 * 1024)
                .handler(new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel channel) {
                        channel.pipeline().addLast(client);
                    }
                });
    }

    private String mark() {
        ended.set(0);
        latencies.clear();
        return "marked bytes=" + bytes() + " frames=" + frames();
    }

    private String await(AtomicInteger counter, int expected) throws InterruptedException {
        until(() -> counter.get() + closed.get() >= expected);
        return "done at=" + lastAt.get() + " lost=" + closed.get() + " bytes=" + bytes() + " frames=" + frames() + " "
                + latencies;
    }

    private long bytes() {
        return clients.stream().mapToLong(FleetClient::bytes).sum();
    }

    private long frames() {
        return clients.stream().mapToLong(FleetClient::frames).sum();
    }

    private String reads(int count, boolean on) {
        for (int i = 0; i < count; i++) {
            clients.get(clients.size() - 1 - i).reads(on);
        }
        stalled = on ? 0 : count;
        return "done";
    }

    private String close() throws InterruptedException {
        int count = clients.size();
        clients.forEach(FleetClient::close);
        until(() -> closed.get() >= count);
        clients.clear();
        return "closed";
    }

    private void count(AtomicInteger counter) {
        synchronized (news) {
            counter.incrementAndGet();
            news.notifyAll();
        }
    }

    private void until(BooleanSupplier reached) throws InterruptedException {
        synchronized (news) {
            while (!reached.getAsBoolean()) {
                news.wait();
            }
        }
    }

    @Override
    public void inSync(FleetClient client) {
        lastAt.set(System.nanoTime());
        count(inSync);
    }

    @Override
    public void ended(FleetClient client) {
        lastAt.set(System.nanoTime());
        count(ended);
    }

    @Override
    public void closed(FleetClient client) {
        count(closed);
    }

    @Override
    public void latency(long nanos) {
        latencies.add(nanos);
    }

    /** Times, the later ones kept at random once there are many. */
    private static final class Latencies {

        private final long[] values = new long[1 << 20];
        private int count;

        synchronized void add(long nanos) {
            values[count++ & values.length - 1] = nanos;
        }

        synchronized void clear() {
            count = 0;
        }

        @Override
        public synchronized String toString() {
            int kept = Math.min(count, values.length);
            long[] sorted = Arrays.copyOf(values, kept);
            Arrays.sort(sorted);
            return kept == 0
                    ? "samples=0"
                    : "samples=" + count + " p50=" + sorted[kept / 2] + " p99=" + sorted[(int) (kept * 0.99)] + " p999="
                            + sorted[(int) (kept * 0.999)] + " max=" + sorted[kept - 1];
        }
    }
}
