package io.headgate.rpc.stream;

import io.headgate.rpc.Ending;
import io.headgate.rpc.RpcConnection;
import io.headgate.rpc.RpcObserver;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import reactor.core.scheduler.Scheduler;
import reactor.core.scheduler.Schedulers;

/**
 * An event stream of all bytes of connections into files or other channels, one for each connection and direction: as they went over the byte stream,
 * so that what a peer sent can be played back. It never slows a connection: bytes are copied and written by the scheduler; when more than a
 * bound wait, the next ones are dropped and counted, and in their place stands a line that says how many there were.
 *
 * <p>A dump has everything in it that was sent, secrets included. Below TLS it has what TLS carries.
 *
 * <p><b>Threading.</b> Channels are opened, written and closed on the scheduler, never two of one direction at a time.
 */
public final class RpcDump implements RpcObserver {

    /** Where one direction of one connection goes. */
    @FunctionalInterface
    public interface Target {

        /**
         * Opens the channel, on the scheduler of the dump, when the first bytes are there.
         *
         * @param number of the connection, from 1 in the order in which they first sent or received
         * @return a blocking channel, closed by the dump at the end of the connection
         * @throws IOException when it cannot be opened; the direction is not dumped then
         */
        WritableByteChannel open(int number) throws IOException;
    }

    private static final int MAX_WAITING = 4 << 20; // what a disk takes in some milliseconds

    private final @Nullable Target in;
    private final @Nullable Target out;
    private final Scheduler scheduler;
    private final int maxWaiting;
    private final LongAdder dropped = new LongAdder();
    private final AtomicInteger numbers = new AtomicInteger();
    private final ConcurrentMap<RpcConnection, Lanes> connections = new ConcurrentHashMap<>();

    private RpcDump(@Nullable Target in, @Nullable Target out, Scheduler scheduler, int maxWaiting) {
        this.in = in;
        this.out = out;
        this.scheduler = Objects.requireNonNull(scheduler, "scheduler");
        this.maxWaiting = maxWaiting;
        if (maxWaiting < 1) {
            throw new IllegalArgumentException("maxWaiting: " + maxWaiting + " (expected: at least 1)");
        }
    }

    /**
     * Dumps both directions, or one.
     *
     * @param in for what comes from the other side; null not to dump that
     * @param out for what goes to it; null not to dump that
     * @return the observer, for any number of connections
     */
    public static RpcDump to(@Nullable Target in, @Nullable Target out) {
        return new RpcDump(in, out, Schedulers.boundedElastic(), MAX_WAITING);
    }

    /**
     * Dumps both directions into files that are made anew: {@code 1-in.bin}, {@code 1-out.bin}, {@code 2-in.bin} and so on.
     *
     * @param folder a folder that exists
     * @return the observer, for any number of connections
     */
    public static RpcDump into(Path folder) {
        Objects.requireNonNull(folder, "folder");
        return to(number -> file(folder, number + "-in.bin"), number -> file(folder, number + "-out.bin"));
    }

    /**
     * A copy that works elsewhere; for connections that have not begun.
     *
     * @param changed a scheduler whose threads may block
     * @return the copy
     */
    public RpcDump withScheduler(Scheduler changed) {
        return new RpcDump(in, out, changed, maxWaiting);
    }

    /**
     * A copy with another bound.
     *
     * @param bytes how many wait to be written at most, for each direction; by default 4 MiB
     * @return the copy
     */
    public RpcDump withMaxWaiting(int bytes) {
        return new RpcDump(in, out, scheduler, bytes);
    }

    /**
     * How many bytes are missing in the dumps.
     *
     * @return zero when all is well
     */
    public long dropped() {
        return dropped.sum();
    }

    @Override
    public void onBytes(RpcConnection connection, boolean inbound, ByteBuf bytes) {
        Target wanted = inbound ? in : out;
        if (wanted == null || !bytes.isReadable()) {
            return;
        }
        Lanes lanes = connections.get(connection);
        if (lanes == null) {
            lanes = connections.computeIfAbsent(connection, first -> new Lanes(numbers.incrementAndGet()));
        }
        DumpLane lane = inbound ? lanes.in : lanes.out;
        if (lane != null) {
            lane.add(bytes);
        }
    }

    @Override
    public void onEnd(RpcConnection connection, Ending ending) {
        Lanes lanes = connections.remove(connection);
        if (lanes != null) {
            lanes.end();
        }
    }

    private static WritableByteChannel file(Path folder, String name) throws IOException {
        return Files.newByteChannel(
                folder.resolve(name),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING);
    }

    /** The directions of one connection that are wanted. */
    private final class Lanes {

        private final @Nullable DumpLane in;
        private final @Nullable DumpLane out;

        Lanes(int number) {
            in = lane(RpcDump.this.in, number);
            out = lane(RpcDump.this.out, number);
        }

        private @Nullable DumpLane lane(@Nullable Target target, int number) {
            return target == null
                    ? null
                    : new DumpLane(() -> target.open(number), scheduler.createWorker(), maxWaiting, dropped);
        }

        void end() {
            if (in != null) {
                in.end();
            }
            if (out != null) {
                out.end();
            }
        }
    }
}
