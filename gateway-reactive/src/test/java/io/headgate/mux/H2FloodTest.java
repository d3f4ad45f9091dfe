package io.headgate.mux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Floods of HTTP/2 frames: who makes one is told ENHANCE_YOUR_CALM and is gone, and nobody else notices. */
class H2FloodTest {

    private static final byte[] EIGHT = new byte[8];
    private static final byte[] NOTHING = new byte[0];

    /** Early resets are counted for ever: of a flood that takes seconds they would be too many first. */
    private static final H2Limits PATIENT_WITH_EARLY_RESETS =
            H2Limits.builder().earlyResets(10_000).build();

    /** Writes frames until it is cut off. The streams are those that it can open within a second. */
    record Flood(String name, Limit limit, int mostStreams, Consumer<H2Client> frames) {

        /** The counts are halved each second, which makes room for half of the streams again. */
        int lastStream(long seconds) {
            long streams = mostStreams + seconds * (mostStreams / 2);
            return Math.toIntExact(2 * streams - 1);
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static byte[] number(int value) {
        return ByteBuffer.allocate(4).putInt(value).array();
    }

    private static Msg get() {
        return Msg.of(":method", "GET", ":scheme", "http", ":authority", "a", ":path", "/");
    }

    private static void rapidReset(H2Client client) {
        H2Stream stream = client.wire.open(get(), true);
        client.wire.reset(stream.id, H2Wire.CANCEL);
    }

    /** The client makes the gateway reset its streams: each is opened properly and then broken. */
    private static void madeYouReset(H2Client client) {
        H2Stream stream = client.wire.open(get(), false);
        client.wire.frame(H2Wire.WINDOW_UPDATE, 0, stream.id, number(0));
    }

    private static void malformedHeads(H2Client client) {
        client.wire.open(Msg.of(":method", "GET"), true);
    }

    private static void continuations(H2Client client, byte[] part) {
        client.wire.frame(H2Wire.HEADERS, 0, 1, NOTHING);
        while (true) {
            client.wire.frame(H2Wire.CONTINUATION, 0, 1, part);
        }
    }

    private static void emptyData(H2Client client) {
        H2Stream stream = client.wire.open(get(), false);
        while (true) {
            client.wire.frame(H2Wire.DATA, 0, stream.id, NOTHING);
        }
    }

    private static void paddedData(H2Client client) {
        H2Stream stream = client.wire.open(get(), false);
        while (true) {
            client.wire.frame(H2Wire.DATA, 8, stream.id, new byte[] {3, 0, 0, 0});
        }
    }

    /** The requests are answered, but the replies are of no interest. */
    private static void closedStreams(H2Client client) {
        H2Stream stream = client.wire.open(get(), true);
        client.wire.reset(stream.id, H2Wire.CANCEL);
        while (true) {
            client.wire.frame(H2Wire.DATA, 0, stream.id, NOTHING);
            client.wire.frame(H2Wire.DATA, 0, stream.id, new byte[1]);
        }
    }

    static Stream<Flood> floods() {
        return Stream.of(
                new Flood("rapid reset", Limit.RESETS, 201, H2FloodTest::rapidReset),
                new Flood("made you reset", Limit.GLITCHES, 101, H2FloodTest::madeYouReset),
                new Flood("malformed heads", Limit.GLITCHES, 101, H2FloodTest::malformedHeads),
                new Flood("CONTINUATION", Limit.CONTINUATIONS, 0, c -> continuations(c, new byte[] {0})),
                new Flood("CONTINUATION without bytes", Limit.CONTINUATIONS, 0, c -> continuations(c, NOTHING)),
                new Flood("large CONTINUATION", Limit.HEADER_BLOCK, 0, c -> continuations(c, new byte[16384])),
                new Flood("PING", Limit.PINGS, 0, c -> c.wire.frame(H2Wire.PING, 0, 0, EIGHT)),
                new Flood("PING acknowledged", Limit.GLITCHES, 0, c -> c.wire.frame(H2Wire.PING, 1, 0, EIGHT)),
                new Flood("SETTINGS", Limit.SETTINGS, 0, c -> c.wire.frame(H2Wire.SETTINGS, 0, 0, NOTHING)),
                new Flood("SETTINGS with many entries", Limit.SETTINGS, 0, H2FloodTest::manySettings),
                new Flood(
                        "SETTINGS acknowledged", Limit.GLITCHES, 0, c -> c.wire.frame(H2Wire.SETTINGS, 1, 0, NOTHING)),
                new Flood("empty DATA", Limit.EMPTY_DATA, 1, H2FloodTest::emptyData),
                new Flood("DATA of padding", Limit.EMPTY_DATA, 1, H2FloodTest::paddedData),
                new Flood("WINDOW_UPDATE", Limit.WINDOW_UPDATES, 0, c -> c.wire.credit(0, 1)),
                new Flood("PRIORITY", Limit.GLITCHES, 0, c -> c.wire.frame(H2Wire.PRIORITY, 0, 1, new byte[5])),
                new Flood("PRIORITY_UPDATE", Limit.GLITCHES, 0, c -> c.wire.frame(16, 0, 0, number(1))),
                new Flood("unknown frames", Limit.GLITCHES, 0, c -> c.wire.frame(0xbe, 0, 0, EIGHT)),
                new Flood("frames of closed streams", Limit.GLITCHES, 1, H2FloodTest::closedStreams));
    }

    private static void manySettings(H2Client client) {
        client.wire.frame(H2Wire.SETTINGS, 0, 0, new byte[6 * 65]);
    }

    static Stream<Arguments> floodsOverBoth() {
        return floods().flatMap(flood -> Stream.of(Arguments.of(flood, Pair.H2_H1), Arguments.of(flood, Pair.H2_H2)));
    }

    @ParameterizedTest
    @MethodSource("floodsOverBoth")
    void endsWithGoAway(Flood flood, Pair pair) throws Exception {
        try (Rig rig = Rig.of(pair, Path.FUSED) // with the time to read the GOAWAY before the reset of the close
                .settings(s -> s.h2(PATIENT_WITH_EARLY_RESETS))
                .start()) {
            Client bystander = rig.client();
            long start = System.nanoTime();
            H2Client attacker = rig.h2();
            attacker.wire.settled.get(5, TimeUnit.SECONDS);
            rig.async(() -> {
                while (!attacker.wire.closed.isDone()) {
                    flood.frames.accept(attacker);
                }
                return null;
            });
            assertThat(attacker.wire.goAway.get(5, TimeUnit.SECONDS)).isEqualTo(H2Wire.ENHANCE_YOUR_CALM);
            int last = attacker.wire.goAwayLast.get(5, TimeUnit.SECONDS);
            long seconds = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start);
            assertThat(last).as("last stream").isLessThanOrEqualTo(Math.max(0, flood.lastStream(seconds)));
            attacker.wire.closed.get(5, TimeUnit.SECONDS);
            assertThat(rig.limits).contains(flood.limit);
            rig.awaitNoExchanges();
            rig.upstream.answer(call -> call.ok("fine"));
            assertThat(bystander.get("/").reply().text()).isEqualTo("fine");
            assertThat(rig.client().get("/").reply().text()).isEqualTo("fine");
        }
    }

    /** Many small answers that nobody reads may not pile up. */
    @Test
    void answersThatAreNotReadAreBounded() throws Exception {
        try (Rig rig = Rig.of(Pair.H2_H1, Path.FUSED)
                .settings(s -> s.h2(H2Limits.builder()
                        .pingsPerSecond(1_000_000_000)
                        .pings(1_000_000_000)
                        .build()))
                .start()) {
            java.net.Socket socket = rig.keep(new java.net.Socket());
            socket.setReceiveBufferSize(4096);
            socket.connect(new java.net.InetSocketAddress("127.0.0.1", rig.port()));
            java.io.OutputStream out = socket.getOutputStream();
            out.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            out.write(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0});
            byte[] ping = new byte[17];
            ping[2] = 8;
            ping[3] = 6;
            byte[] many = new byte[17 * 1000];
            for (int i = 0; i < 1000; i++) {
                System.arraycopy(ping, 0, many, i * 17, 17);
            }
            java.util.concurrent.CompletableFuture<Object> flood = rig.async(() -> {
                while (true) {
                    out.write(many);
                }
            });
            assertThat(flood).failsWithin(Duration.ofSeconds(20));
            assertThat(rig.limits).contains(Limit.QUEUED_FRAMES);
            rig.awaitStats(stats -> stats.frontConnections() == 0);
        }
    }

    @Test
    void settingsThatAreNotAcknowledgedTimeOut() throws Exception {
        try (Rig rig = Rig.of(Pair.H2_H1, Path.FUSED)
                .settings(s -> s.linger(Duration.ofMillis(30))
                        .h2(H2Limits.builder()
                                .settingsAck(Duration.ofMillis(100))
                                .build()))
                .start()) {
            H1Client raw = rig.h1();
            raw.wire.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0");
            byte[] all = raw.wire.body(Msg.of(), false, false, () -> {}).rest().bytes();
            assertThat(goAwayCode(all)).isEqualTo(H2Wire.SETTINGS_TIMEOUT);
            assertThat(rig.limits).containsExactly(Limit.SETTINGS_ACK);
        }
    }

    private static int goAwayCode(byte[] frames) {
        ByteBuffer buffer = ByteBuffer.wrap(frames);
        while (buffer.remaining() >= 9) {
            int length = (buffer.get() & 0xff) << 16 | buffer.getShort() & 0xffff;
            int type = buffer.get();
            buffer.position(buffer.position() + 5);
            if (type == H2Wire.GOAWAY) {
                return buffer.getInt(buffer.position() + 4);
            }
            buffer.position(buffer.position() + length);
        }
        return -1;
    }

    /** Header blocks that never end, byte for byte or frame for frame. */
    @Test
    void headThatDripsIsCut() throws Exception {
        for (byte[] part : new byte[][] {{0, 0, 0, 1, 4, 0, 0, 0, 1}, {0, 0, 9, 1, 5, 0, 0, 0, 1, 0}}) {
            try (Rig rig = Rig.of(Pair.H2_H1, Path.FUSED)
                    .settings(s -> s.linger(Duration.ofMillis(30)).requestHead(Duration.ofMillis(100)))
                    .start()) {
                H2Client client = rig.h2();
                MuxBodiesTest.next(rig, client); // all that the wire writes by itself is out
                if (part[4] == 4) {
                    client.wire.frame(H2Wire.HEADERS, 0, 1, NOTHING);
                } else {
                    client.wire.socket.getOutputStream().write(part);
                }
                assertThat(client.wire.goAway.get(5, TimeUnit.SECONDS)).isEqualTo(H2Wire.ENHANCE_YOUR_CALM);
                client.wire.closed.get(5, TimeUnit.SECONDS);
                assertThat(rig.limits).containsExactly(Limit.SLOW_HEAD);
            }
        }
    }

    /** What is a flood on its own is none beside work: a client that downloads opens its windows often. */
    @Test
    void framesThatGoWithWorkAreNoFlood() throws Exception {
        try (Rig rig = Rig.start(Pair.H2_H1, Path.FUSED)) {
            H2Client client = rig.h2();
            rig.upstream.answer(call -> call.ok("y".repeat(100_000)));
            for (int i = 0; i < 300; i++) {
                H2Client.Call call = (H2Client.Call) client.get("/");
                client.wire.frame(H2Wire.PING, 0, 0, EIGHT);
                client.wire.frame(H2Wire.PRIORITY, 0, call.stream.id, new byte[5]);
                assertThat(call.reply().text()).hasSize(100_000);
            }
            assertThat(rig.limits).isEmpty();
            assertThat(client.wire.goAway).isNotDone();
        }
    }

    /** A client with a good record may give up more streams than a stranger. */
    @Test
    void streamsThatAreLeftAtOnceAreNoFlood() throws Exception {
        try (Rig rig = Rig.start(Pair.H2_H2, Path.FUSED)) {
            H2Client client = rig.h2();
            rig.upstream.answer(call -> {
                if (call.request.target().equals("/done")) {
                    call.ok("x");
                }
            });
            for (int i = 0; i < 60; i++) {
                assertThat(client.get("/done").reply().text()).isEqualTo("x");
            }
            java.util.List<ClientCall> open = new java.util.ArrayList<>();
            for (int i = 0; i < 90; i++) {
                open.add(client.get("/slow"));
            }
            open.forEach(ClientCall::abort);
            assertThat(client.get("/done").reply().text()).isEqualTo("x");
            assertThat(rig.limits).isEmpty();
        }
    }

    /** The same guard stands before upstream connections. */
    @Test
    void upstreamThatFloodsIsLeft() throws Exception {
        for (Consumer<H2Wire> flood : java.util.List.<Consumer<H2Wire>>of(
                wire -> wire.frame(H2Wire.PING, 0, 0, EIGHT),
                wire -> wire.frame(H2Wire.SETTINGS, 0, 0, NOTHING),
                wire -> wire.frame(H2Wire.CONTINUATION - 8, 0, 1, NOTHING))) {
            try (Rig rig = SecurityRig.start(Pair.H1_H2)) {
                ClientCall call = rig.client().get("/");
                H2Peer.Call up = (H2Peer.Call) rig.take();
                rig.async(() -> {
                    while (!up.stream.wire.closed.isDone()) {
                        try {
                            flood.accept(up.stream.wire);
                        } catch (UncheckedIOException e) {
                            return null;
                        }
                    }
                    return null;
                });
                assertThat(call.reply().status()).isEqualTo(502);
                up.stream.wire.closed.get(5, TimeUnit.SECONDS);
                MuxBodiesTest.next(rig, rig.client());
            }
        }
    }
}
