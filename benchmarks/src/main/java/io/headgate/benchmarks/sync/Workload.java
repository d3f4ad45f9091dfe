package io.headgate.benchmarks.sync;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.headgate.sync.SyncUpdate;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/** Entries of the size that the baseline in Go has: keys of 114 bytes and values of 507. */
final class Workload {

    static final int KEY = 114;
    static final int VALUE = 507;

    /** Before a time in nanoseconds, eight bytes. */
    static final byte[] STAMP = "at-nanos".getBytes(StandardCharsets.US_ASCII);

    /** The key that says that a measurement is over. */
    static final byte[] END = "/bench/end".getBytes(StandardCharsets.US_ASCII);

    /** That key is among so many last bytes of a frame. */
    static final int END_WITHIN = 96;

    private static final byte[][] BODIES = IntStream.range(0, 1000)
            .mapToObj(number -> value(number, 1).toByteArray())
            .toArray(byte[][]::new);

    private static final String[] KEYS =
            IntStream.range(0, 10_000).mapToObj(Workload::key).toArray(String[]::new);

    private Workload() {}

    static String key(int number) {
        String path = "/calico/v1/host/node-%06d/workload/k8s/namespace-%04d.pod-%08d/endpoint/eth0"
                .formatted(number / 100, number % 977, number);
        return path + "-".repeat(KEY - path.length());
    }

    /** A document as endpoints have it: much is the same in all of them, some is not. */
    static ByteString value(int number, int version) {
        Random random = new Random(number * 31L + version);
        String text = """
                {"state":"active","name":"cali%011x","active_instance_id":"","mac":"%012x","profile_ids":["kns.namespace-%d",\
                "ksa.namespace-%d.default"],"ipv4_nets":["10.%d.%d.%d/32"],"ipv6_nets":[],"labels":{"app":"app-%d",\
                "projectcalico.org/namespace":"namespace-%d","projectcalico.org/orchestrator":"k8s",\
                "projectcalico.org/serviceaccount":"default","pod-template-hash":"%010x"},"version":%d,"more":\"""".formatted(
                        random.nextLong() >>> 20,
                        random.nextLong() >>> 16,
                        number % 977,
                        number % 977,
                        random.nextInt(256),
                        random.nextInt(256),
                        random.nextInt(256),
                        number % 313,
                        number % 977,
                        random.nextLong() >>> 24,
                        version);
        byte[] bytes = Arrays.copyOf(text.getBytes(StandardCharsets.US_ASCII), VALUE);
        Arrays.fill(bytes, Math.min(VALUE, text.length()), VALUE, (byte) '.');
        return UnsafeByteOperations.unsafeWrap(bytes);
    }

    static List<SyncUpdate> set(int entries) {
        List<SyncUpdate> updates = new ArrayList<>(entries);
        for (int number = 0; number < entries; number++) {
            updates.add(SyncUpdate.added(key(number), value(number, 0), String.valueOf(number)));
        }
        return updates;
    }

    /** An update that says when it was made. */
    static SyncUpdate stamped(int number, int version) {
        byte[] bytes = BODIES[number % BODIES.length].clone();
        ByteBuffer.wrap(bytes, VALUE - 24, 24)
                .put(STAMP)
                .putLong(System.nanoTime())
                .putLong(version);
        String key = number < KEYS.length ? KEYS[number] : key(number);
        return SyncUpdate.changed(key, UnsafeByteOperations.unsafeWrap(bytes), String.valueOf(version));
    }

    static SyncUpdate end(int number) {
        return SyncUpdate.changed("/bench/end", ByteString.copyFromUtf8(String.valueOf(number)), "");
    }
}
