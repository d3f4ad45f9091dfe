package io.headgate.sync.acceptance;

import com.google.protobuf.ByteString;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The process of the clients of {@link CrowdTest}, as one process may not have the files for both ends. */
final class CrowdClients {

    private static final int OPENING = 100;

    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
    private final Semaphore opening = new Semaphore(OPENING);
    private final Set<CrowdClient> stayers = ConcurrentHashMap.newKeySet();
    private final Set<CrowdClient> passers = ConcurrentHashMap.newKeySet();
    private final AtomicInteger lost = new AtomicInteger();
    private final AtomicInteger passed = new AtomicInteger();
    private final Queue<String> failures = new ConcurrentLinkedQueue<>();
    private final int port;

    private CrowdClients(int port) {
        this.port = port;
    }

    /** Does what the lines of its input say, and answers each with a line. */
    public static void main(String[] args) throws IOException, InterruptedException {
        CrowdClients crowd = new CrowdClients(Integer.parseInt(args[0]));
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ");
            System.out.println(
                    switch (words[0]) {
                        case "open" -> crowd.open(Integer.parseInt(words[1]));
                        case "churn" -> crowd.churn(Integer.parseInt(words[1]), Integer.parseInt(words[2]));
                        case "sums" -> crowd.sums(ByteString.copyFromUtf8(words[1]));
                        case "close" -> crowd.close();
                        default -> throw new IOException(line);
                    });
        }
        System.exit(0);
    }

    private CrowdClient connect(Set<CrowdClient> set) {
        CrowdClient client = new CrowdClient(this);
        set.add(client);
        new Bootstrap()
                .group(loops)
                .channel(NioSocketChannel.class)
                .handler(new ChannelInitializer<Channel>() {
                    @Override
                    protected void initChannel(Channel channel) {
                        channel.pipeline().addLast(client);
                    }
                })
                .connect("127.0.0.1", port)
                .addListener(done -> {
                    opening.release();
                    if (!done.isSuccess()) {
                        failed(done.cause());
                        set.remove(client);
                    }
                });
        return client;
    }

    private String open(int count) throws InterruptedException {
        for (int i = 0; i < count; i++) {
            opening.acquire();
            connect(stayers);
        }
        Eventually.holds(() -> stayers.stream().allMatch(CrowdClient::isInSync));
        return "open " + state();
    }

    /** Clients come evenly, and each goes when it likes to: before its hello is read, within its snapshot, or behind it. */
    private String churn(int perSecond, int seconds) {
        Random random = new Random(5);
        AtomicInteger left = new AtomicInteger(perSecond * seconds);
        ScheduledFuture<?> coming = loops.scheduleAtFixedRate(
                () -> {
                    if (left.get() > 0) {
                        CrowdClient client = connect(passers);
                        loops.schedule(client::close, random.nextInt(1500), TimeUnit.MILLISECONDS);
                        left.decrementAndGet();
                    }
                },
                0,
                1_000_000 / perSecond,
                TimeUnit.MICROSECONDS);
        Eventually.holds(() -> left.get() == 0);
        coming.cancel(false);
        Eventually.holds(() -> {
            passers.forEach(CrowdClient::close);
            return passers.isEmpty();
        });
        return "churned passed=" + passed + " " + state();
    }

    private String sums(ByteString end) {
        Eventually.holds(() -> stayers.stream().allMatch(client -> client.hasEnd(end)));
        long[] sums = stayers.stream()
                .mapToLong(CrowdClient::sumAtEnd)
                .distinct()
                .limit(2)
                .toArray();
        return "sums distinct=" + sums.length + " sum=" + Long.toHexString(sums[0]) + " " + state();
    }

    private String close() {
        int lostBefore = lost.get();
        Eventually.holds(() -> {
            stayers.forEach(CrowdClient::close);
            return stayers.isEmpty();
        });
        return "closed lost=" + lostBefore;
    }

    private String state() {
        return "clients=" + stayers.size() + " lost=" + lost + " failures=" + failures.size()
                + (failures.isEmpty() ? "" : " such as " + failures.peek());
    }

    void closed(CrowdClient client) {
        if (stayers.remove(client)) {
            lost.incrementAndGet();
        } else if (passers.remove(client)) {
            passed.incrementAndGet();
        }
    }

    void failed(Throwable failure) {
        failures.add(failure.toString().replace('\n', ' '));
    }
}
