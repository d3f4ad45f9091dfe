package io.headgate.rpc.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.headgate.Attributes;
import io.headgate.Deadline;
import io.headgate.Service;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.headgate.retry.Backoff;
import io.headgate.rpc.Content;
import io.headgate.rpc.RpcException;
import io.headgate.rpc.RpcReply;
import io.headgate.rpc.RpcRequest;
import io.headgate.rpc.RpcStatus;
import io.headgate.test.LeakTrackingAllocator;
import io.headgate.test.ScriptedBody;
import io.headgate.test.VirtualClock;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

class DownloadTest {

    private static final Resume QUICK =
            Resume.DEFAULTS.withBackoff(Backoff.NONE).withTimer(Schedulers.immediate());

    private final LeakTrackingAllocator allocator = LeakTrackingAllocator.create();
    private final List<RpcRequest> seen = new ArrayList<>();

    @AfterEach
    void nothingLeaks() {
        allocator.assertNoLeaks();
        assertThat(Bytes.RELEASED_TWICE).isEmpty();
    }

    private static RpcRequest request() {
        return RpcRequest.of("files/get", Content.NONE, Content.OCTETS, Body.empty());
    }

    private Service<RpcRequest, RpcReply> source(byte[] content, Random random) {
        return offer(SeekableBody.of("v1", content.length, at -> Bytes.chunked(content, at, allocator, random)));
    }

    private Service<RpcRequest, RpcReply> offer(Body body) {
        return Resume.offers().wrap(request -> {
            seen.add(request);
            request.body().discard();
            return Mono.just(RpcReply.of(Content.OCTETS, body));
        });
    }

    /** Replies by hand: each call takes the next body. */
    private Service<RpcRequest, RpcReply> scripted(Fields fields, Body... bodies) {
        AtomicInteger at = new AtomicInteger();
        return request -> {
            seen.add(request);
            Body body = bodies[at.getAndIncrement()];
            Fields with =
                    fields.with("resume-offset", String.valueOf(request.fields().get("resume-offset")));
            return Mono.just(new RpcReply(with, Content.OCTETS, body));
        };
    }

    private static RpcReply reply(Service<RpcRequest, RpcReply> service, RpcRequest request) {
        AtomicReference<RpcReply> reply = new AtomicReference<>();
        AtomicReference<Throwable> error = new AtomicReference<>();
        service.call(request).subscribe(reply::set, error::set);
        assertThat(error).hasValue(null);
        return reply.get();
    }

    private static RpcException failure(Bytes bytes) {
        assertThat(bytes.error).isInstanceOf(RpcException.class);
        return (RpcException) bytes.error;
    }

    @Test
    void whateverTheNetworkLosesTheStreamIsExact() {
        for (int seed = 0; seed < 150; seed++) {
            Random random = new Random(seed);
            byte[] content = Bytes.some(random, random.nextInt(3) == 0 ? random.nextInt(10) : random.nextInt(100_000));
            Checksum checksum = Checksum.values()[random.nextInt(3)];
            Lossy network = new Lossy(source(content, random), random, random.nextInt(12), 40_000);
            Service<RpcRequest, RpcReply> calls =
                    QUICK.withAttempts(20).withChecksum(checksum).downloads().wrap(network);
            AtomicReference<Bytes> read = new AtomicReference<>();
            while (read.get() == null) { // what is lost before the first reply is for a retry to handle
                calls.call(request())
                        .subscribe(
                                reply -> read.set(Bytes.read(reply.body(), random)),
                                error -> assertThat(error).hasMessageContaining("lost"));
            }
            Bytes bytes = read.get();
            assertThat(bytes.error).as("seed %d", seed).isNull();
            assertThat(bytes.completed).as("seed %d", seed).isTrue();
            assertThat(bytes.flooded).as("seed %d", seed).isFalse();
            assertThat(bytes.array()).as("seed %d", seed).isEqualTo(content);
        }
    }

    @Test
    void cancelledAtWhateverByteNothingLeaksAndNothingIsCalledAfterwards() {
        byte[] content = Bytes.some(new Random(1), 30_000);
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            Lossy network = new Lossy(source(content, random), random, 3, 20_000);
            Service<RpcRequest, RpcReply> calls =
                    QUICK.withAttempts(20).downloads().wrap(network);
            int cancelAt = random.nextInt(30_000) * random.nextInt(2);
            AtomicReference<Bytes> read = new AtomicReference<>();
            while (read.get() == null) {
                calls.call(request())
                        .subscribe(
                                reply -> read.set(Bytes.read(reply.body(), random, cancelAt)),
                                error -> assertThat(error).hasMessageContaining("lost"));
            }
            assertThat(read.get().completed || read.get().error != null)
                    .as("seed %d", seed)
                    .isFalse();
            allocator.assertNoLeaks();
        }
    }

    @Test
    void goesOnAtTheByteThatWasNotDelivered() {
        ScriptedBody first = ScriptedBody.create();
        ScriptedBody second = ScriptedBody.create();
        Fields fields = Fields.of("resume-validator", "v1", "resume-length", "11");
        Body body = reply(QUICK.downloads().wrap(scripted(fields, first, second)), request())
                .body();
        assertThat(body.length()).isEqualTo(11);
        Bytes bytes = Bytes.read(body, new Random(1));
        first.emit(allocator.utf8("hello"));
        first.fail(Lossy.lost());
        assertThat(seen).hasSize(2);
        assertThat(seen.get(1).fields()).isEqualTo(Fields.of("resume-offset", "5", "resume-validator", "v1"));
        second.emit(allocator.utf8(" world"));
        second.complete(Fields.of("took", "long"));
        assertThat(bytes.array()).isEqualTo("hello world".getBytes(StandardCharsets.UTF_8));
        assertThat(bytes.completed).isTrue();
        List<Fields> trailers = new ArrayList<>();
        body.trailers().subscribe(trailers::add);
        assertThat(trailers).containsExactly(Fields.of("took", "long"));
    }

    @Test
    void aDiscardedReplyDropsTheFirstPart() {
        ScriptedBody first = ScriptedBody.create();
        Fields fields = Fields.of("resume-validator", "v1");
        RpcReply reply = reply(QUICK.downloads().wrap(scripted(fields, first)), request());
        reply.discard();
        reply.discard();
        assertThat(first.discards()).isOne();
        assertThat(first.subscriptions()).isZero();
    }

    @Test
    void cancelReachesThePartThatIsUnderWayOnce() {
        ScriptedBody first = ScriptedBody.create();
        ScriptedBody second = ScriptedBody.create();
        Fields fields = Fields.of("resume-validator", "v1");
        Bytes bytes = Bytes.read(
                reply(QUICK.downloads().wrap(scripted(fields, first, second)), request())
                        .body(),
                new Random(1));
        first.fail(Lossy.lost());
        bytes.cancel();
        assertThat(second.cancels()).isOne();
        assertThat(seen).hasSize(2);
    }

    @Test
    void waitsLongerEachTimeAndACancelledWaitLeavesNothing() {
        try (VirtualClock clock = VirtualClock.install()) {
            List<Integer> losses = new ArrayList<>();
            Resume settings = Resume.DEFAULTS
                    .withBackoff(new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(3), 0.5))
                    .withTimer(clock)
                    .withRandom(() -> 0)
                    .withListener((endpoint, position, futile, loss) -> losses.add(futile));
            ScriptedBody[] bodies = new ScriptedBody[5];
            java.util.Arrays.setAll(bodies, i -> ScriptedBody.create());
            Bytes bytes = Bytes.read(
                    reply(settings.downloads().wrap(scripted(Fields.of("resume-validator", "v1"), bodies)), request())
                            .body(),
                    new Random(1));
            bodies[0].fail(Lossy.lost());
            clock.advance(Duration.ofMillis(999));
            assertThat(seen).hasSize(1);
            clock.advance(Duration.ofMillis(1));
            assertThat(seen).hasSize(2);
            bodies[1].fail(Lossy.lost());
            clock.advance(Duration.ofSeconds(2));
            assertThat(seen).hasSize(3);
            bodies[2].fail(Lossy.lost());
            clock.advance(Duration.ofSeconds(3));
            assertThat(seen).hasSize(4);
            bodies[3].emit(allocator.utf8("a byte that gets across starts the count anew"));
            bodies[3].fail(Lossy.lost());
            clock.advance(Duration.ofSeconds(1));
            assertThat(seen).hasSize(5);
            bodies[4].fail(Lossy.lost());
            assertThat(clock.pending()).isOne();
            bytes.cancel();
            assertThat(clock.pending()).isZero();
            assertThat(losses).containsExactly(1, 2, 3, 1, 2);
        }
    }

    @Test
    void givesUpAfterSoManyLossesWithoutAByte() {
        Lossy network =
                new Lossy(request -> Mono.error(Lossy.lost()), new Random(1), 0, 1); // only the first call gets a reply
        ScriptedBody first = ScriptedBody.create();
        AtomicInteger calls = new AtomicInteger();
        Service<RpcRequest, RpcReply> once = request -> calls.getAndIncrement() == 0
                ? scripted(Fields.of("resume-validator", "v1"), first).call(request)
                : network.call(request);
        Bytes bytes = Bytes.read(
                reply(QUICK.withAttempts(3).downloads().wrap(once), request()).body(), new Random(1));
        first.emit(allocator.utf8("abc"));
        first.fail(Lossy.lost());
        assertThat(failure(bytes).rpcStatus()).isEqualTo(RpcStatus.UNAVAILABLE);
        assertThat(bytes.error)
                .hasMessageStartingWith("files/get: lost at byte 3 and 4 times since (expected: no more than 3");
        assertThat(calls).hasValue(4);
    }

    @Test
    void aDeadlineThatComesBeforeTheNextAttemptEndsTheStreamAtOnce() {
        ScriptedBody first = ScriptedBody.create();
        Resume settings = Resume.DEFAULTS
                .withBackoff(new Backoff(Duration.ofMinutes(10), Duration.ofMinutes(10), 0))
                .withTimer(Schedulers.immediate());
        RpcRequest soon = request().withDeadline(Deadline.after(Duration.ofMinutes(1)));
        Bytes bytes = Bytes.read(
                reply(settings.downloads().wrap(scripted(Fields.of("resume-validator", "v1"), first)), soon)
                        .body(),
                new Random(1));
        first.fail(Lossy.lost());
        assertThat(failure(bytes).rpcStatus()).isEqualTo(RpcStatus.DEADLINE_EXCEEDED);
        assertThat(seen).hasSize(1);
        assertThat(seen.get(0).deadline()).isEqualTo(soon.deadline());
    }

    @Test
    void whatIsNoLossPassesAsItIs() {
        ScriptedBody first = ScriptedBody.create();
        Bytes bytes = Bytes.read(
                reply(QUICK.downloads().wrap(scripted(Fields.of("resume-validator", "v1"), first)), request())
                        .body(),
                new Random(1));
        RpcException full = RpcException.remote(RpcStatus.INTERNAL, "disk: broken", false);
        first.fail(full);
        assertThat(bytes.error).isSameAs(full);
        assertThat(seen).hasSize(1);
    }

    @Test
    void contentThatHasChangedIsRefused() {
        byte[] content = "0123456789".getBytes(StandardCharsets.UTF_8);
        AtomicInteger version = new AtomicInteger();
        Service<RpcRequest, RpcReply> changing = Resume.offers()
                .wrap(request -> Mono.just(RpcReply.of(
                        Content.OCTETS,
                        SeekableBody.of(
                                "v" + version.getAndIncrement(),
                                content.length,
                                at -> Bytes.chunked(content, at, allocator, new Random(1))))));
        AtomicInteger calls = new AtomicInteger();
        Service<RpcRequest, RpcReply> cutOnce = request -> calls.getAndIncrement() > 0
                ? changing.call(request)
                : changing.call(request).map(reply -> {
                    reply.discard();
                    return reply.withBody(Body.of(
                            Flux.concat(Mono.just(Unpooled.copiedBuffer(content, 0, 4)), Flux.error(Lossy.lost()))));
                });
        Bytes bytes =
                Bytes.read(reply(QUICK.downloads().wrap(cutOnce), request()).body(), new Random(1));
        assertThat(failure(bytes).rpcStatus()).isEqualTo(RpcStatus.FAILED_PRECONDITION);
        assertThat(bytes.error).hasMessage("files/get: the content is v1 now (expected: v0)");
    }

    @Test
    void aReplyThatGoesOnElsewhereIsDataLoss() {
        ScriptedBody first = ScriptedBody.create();
        ScriptedBody second = ScriptedBody.create();
        AtomicInteger calls = new AtomicInteger();
        Service<RpcRequest, RpcReply> wrong = request -> Mono.just(new RpcReply(
                Fields.of("resume-offset", "0", "resume-validator", "v1"),
                Content.OCTETS,
                calls.getAndIncrement() == 0 ? first : second));
        Bytes bytes = Bytes.read(reply(QUICK.downloads().wrap(wrong), request()).body(), new Random(1));
        first.emit(allocator.utf8("abc"));
        first.fail(Lossy.lost());
        assertThat(failure(bytes).rpcStatus()).isEqualTo(RpcStatus.DATA_LOSS);
        assertThat(bytes.error).hasMessage("files/get: goes on at byte 0 of OCTETS (expected: byte 3 of OCTETS)");
        assertThat(second.discards()).isOne();
    }

    @Test
    void tooFewAndTooManyBytesAreDataLoss() {
        for (String sent : List.of("ab", "abcd")) {
            ScriptedBody first = ScriptedBody.create();
            Fields fields = Fields.of("resume-validator", "v1", "resume-length", "3");
            Bytes bytes = Bytes.read(
                    reply(QUICK.downloads().wrap(scripted(fields, first)), request())
                            .body(),
                    new Random(1));
            first.emit(allocator.utf8(sent));
            first.complete();
            assertThat(failure(bytes).rpcStatus()).isEqualTo(RpcStatus.DATA_LOSS);
            assertThat(bytes.error).hasMessage("files/get: " + sent.length() + " bytes (expected: 3)");
        }
    }

    @Test
    void aWrongOrMissingChecksumIsDataLoss() {
        for (Fields trailers : List.of(Fields.empty(), Fields.of("resume-checksum", "crc32c=00000000"))) {
            ScriptedBody first = ScriptedBody.create();
            Bytes bytes = Bytes.read(
                    reply(
                                    QUICK.withChecksum(Checksum.CRC32C)
                                            .downloads()
                                            .wrap(scripted(Fields.of("resume-validator", "v1"), first)),
                                    request())
                            .body(),
                    new Random(1));
            first.emit(allocator.utf8("123456789"));
            first.complete(trailers);
            assertThat(failure(bytes).rpcStatus()).isEqualTo(RpcStatus.DATA_LOSS);
            assertThat(bytes.error).hasMessageContaining("crc32c=e3069283"); // the check value of the catalogue of CRCs
        }
    }

    @Test
    void aCalleeThatCannotResumePassesAsItIs() {
        ScriptedBody body = ScriptedBody.create();
        RpcReply reply =
                reply(QUICK.downloads().wrap(request -> Mono.just(RpcReply.of(Content.OCTETS, body))), request());
        assertThat(reply.body()).isSameAs(body);
    }

    @Test
    void aCallOfSomethingElsePassesAsItIs() {
        RpcRequest json = RpcRequest.of("a", Content.JSON, Content.JSON, Body.empty());
        Service<RpcRequest, RpcReply> next = request -> {
            seen.add(request);
            return Mono.empty();
        };
        QUICK.downloads().andThen(QUICK.uploads()).apply(next).call(json).subscribe();
        Resume.offers().wrap(next).call(json).subscribe();
        assertThat(seen).hasSize(2).allMatch(request -> request == json);
    }

    @Test
    void theBodyOfTheRequestIsSentAgain() {
        byte[] content = Bytes.some(new Random(1), 5000);
        List<String> bodies = new ArrayList<>();
        Service<RpcRequest, RpcReply> handler = source(content, new Random(1));
        Service<RpcRequest, RpcReply> reading = request -> request.body()
                .asString(100)
                .doOnNext(bodies::add)
                .flatMap(text -> handler.call(request.withBody(Body.empty())));
        Service<RpcRequest, RpcReply> calls = QUICK.downloads().wrap(new Lossy(reading, new Random(5), 6, 3000));
        AtomicReference<Bytes> read = new AtomicReference<>();
        while (read.get() == null) {
            Body body = Body.of(Flux.just("{\"name\"", ":1}").map(allocator::utf8));
            calls.call(RpcRequest.of("a", Content.JSON, Content.OCTETS, body))
                    .subscribe(
                            reply -> read.set(Bytes.read(reply.body(), new Random(1))),
                            error -> assertThat(error).hasMessageContaining("lost"));
        }
        assertThat(read.get().error).isNull();
        assertThat(read.get().array()).isEqualTo(content);
        assertThat(bodies).hasSizeGreaterThan(2);
        assertThat(bodies).containsOnly("{\"name\":1}");
    }

    @Test
    void aRequestMayBeginInTheMiddle() {
        byte[] content = "0123456789".getBytes(StandardCharsets.UTF_8);
        RpcRequest later = request().withFields(Fields.of("resume-offset", "7", "resume-validator", "v1"));
        RpcReply reply =
                reply(QUICK.withChecksum(Checksum.SHA256).downloads().wrap(source(content, new Random(1))), later);
        assertThat(reply.body().length()).isEqualTo(3);
        assertThat(new String(Bytes.read(reply.body(), new Random(1)).array(), StandardCharsets.UTF_8))
                .isEqualTo("789");
    }

    @Test
    void offsetsThatAreNoneAreRefused() {
        Service<RpcRequest, RpcReply> offered = source(new byte[10], new Random(1));
        for (String offset : List.of("", "-1", "x", "11", "9999999999999999999")) {
            AtomicReference<Throwable> error = new AtomicReference<>();
            Fields fields = Fields.of("resume-offset", offset);
            offered.call(new RpcRequest(
                            "files/get",
                            fields,
                            Content.NONE,
                            Content.OCTETS,
                            Body.empty(),
                            Deadline.NONE,
                            Attributes.EMPTY))
                    .subscribe(reply -> {}, error::set);
            assertThat(error.get()).as(offset).isInstanceOf(RpcException.class);
            assertThat(((RpcException) error.get()).rpcStatus())
                    .as(offset)
                    .isIn(RpcStatus.INVALID_ARGUMENT, RpcStatus.OUT_OF_RANGE);
        }
    }
}
