package io.headgate.function.driver.process;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.headgate.function.driver.InstanceFailure;
import io.headgate.function.driver.InstanceReply;
import io.headgate.function.driver.InstanceRequest;
import io.headgate.function.model.ErrorKind;
import io.headgate.function.model.FunctionException;
import io.headgate.http.Body;
import io.headgate.http.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.util.concurrent.Future;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;

/**
 * A function that answers anything. The first byte: how the bytes are cut, 0 for all at once. The second: bits 0 and 1, what becomes of
 * replies (read, read one buffer at a time, left after the first buffer, discarded); bits 2 and 3, the body of requests (none, whole, in
 * pieces, one that never ends); bit 4, the function does not close the connection; bit 5, a second call follows. The others: the bytes.
 */
class FunctionReplyFuzzTest {

    private static final Caps CAPS = new Caps(1024, 512, 2048);

    @FuzzTest
    void functionAnswers(byte[] input) {
        if (input.length < 2) {
            return;
        }
        new Course(input[0] & 0xff, input[1]).run(input);
    }

    private static final class Course {

        private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true, true);
        private final List<EmbeddedChannel> channels = new ArrayList<>();
        private final FunctionClient client = new EmbeddedClient();
        private final List<Caller> callers = new ArrayList<>();
        private final int piece;
        private final int manner;

        Course(int piece, int manner) {
            this.piece = piece == 0 ? Integer.MAX_VALUE : piece;
            this.manner = manner;
        }

        void run(byte[] input) {
            call();
            for (int at = 2; at < input.length; ) {
                int length = Math.min(piece, input.length - at);
                EmbeddedChannel wire = channels.get(channels.size() - 1);
                if (wire.isActive()) {
                    wire.writeInbound(allocator.buffer(length).writeBytes(input, at, length));
                }
                at += length;
                if ((manner & 0x20) != 0
                        && callers.size() == 1
                        && callers.get(0).isOver()) {
                    call();
                }
            }
            if ((manner & 0x10) == 0) {
                closeAll();
            }
            callers.forEach(Caller::leave);
            client.close();
            closeAll(); // as the process ends
            channels.forEach(Course::end);
            callers.forEach(Caller::check);
            checkChannels();
        }

        /** A call whose kept connection goes may open another one. */
        private void closeAll() {
            for (int i = 0; i < channels.size(); i++) {
                channels.get(i).close();
            }
        }

        private static void end(EmbeddedChannel channel) {
            channel.runPendingTasks();
            channel.checkException();
            channel.finishAndReleaseAll();
        }

        private void checkChannels() {
            long held = allocator.metric().usedHeapMemory() + allocator.metric().usedDirectMemory();
            if (held != 0) {
                throw new AssertionError("buffers left: " + held + " bytes (expected: none)");
            }
        }

        private void call() {
            Caller caller = new Caller(manner & 3, this);
            callers.add(caller);
            client.call(new InstanceRequest(Fields.of("x-a", "1"), requestBody()))
                    .subscribe(caller);
        }

        private Body requestBody() {
            return switch (manner >> 2 & 3) {
                case 0 -> Body.empty();
                case 1 -> Body.of(text("in"));
                case 2 -> Body.of(Flux.just("a", "b").map(this::text));
                default -> Body.of(Flux.just("a").map(this::text).concatWith(Flux.never()));
            };
        }

        private ByteBuf text(String text) {
            ByteBuf buffer = allocator.buffer(text.length());
            buffer.writeCharSequence(text, StandardCharsets.US_ASCII);
            return buffer;
        }

        boolean hasOpenConnection() {
            return channels.get(channels.size() - 1).isActive();
        }

        /** Connections that a test writes to. */
        private final class EmbeddedClient extends FunctionClient {

            private final EventLoop loop = new EmbeddedChannel().eventLoop();

            EmbeddedClient() {
                super(Path.of("none"), new SocketLoops(null), CAPS);
            }

            @Override
            EventLoop loop() {
                return loop;
            }

            @Override
            Future<FunctionConnection> open(EventLoop on) {
                EmbeddedChannel channel = new EmbeddedChannel();
                channel.config().setAllocator(allocator);
                channels.add(channel);
                return loop.newSucceededFuture(FunctionConnection.install(this, loop, channel));
            }
        }
    }

    /** Hears of exactly one end of its call, and of one of its reply. */
    private static final class Caller implements CoreSubscriber<InstanceReply> {

        private final int manner;
        private final Course course;
        private int replies;
        private int failures;
        private int bodies;
        private long read;
        private boolean left;
        private @Nullable Subscription call;
        private @Nullable Subscription reading;

        Caller(int manner, Course course) {
            this.manner = manner;
            this.course = course;
        }

        boolean isOver() {
            return failures + bodies > 0 || replies > 0 && manner > 1;
        }

        void leave() {
            if (!isOver()) {
                left = true;
                if (reading != null) {
                    reading.cancel();
                } else if (call != null) {
                    call.cancel();
                }
                expect(!course.hasOpenConnection(), "the connection of a call that was left is closed");
            }
        }

        void check() {
            expect(replies + failures == 1 || left && replies + failures == 0, "one end of a call");
            expect(bodies <= 1, "one end of a reply");
            expect(read <= CAPS.replyBody(), "no more of a reply than is allowed");
        }

        @Override
        public void onSubscribe(Subscription given) {
            call = given;
            given.request(1);
        }

        @Override
        public void onNext(InstanceReply reply) {
            replies++;
            expect(reply.status() >= 200 && reply.status() <= 599, "a status of 200 to 599");
            expect(
                    !reply.fields().contains("transfer-encoding")
                            && !reply.fields().contains("connection"),
                    "no fields of the connection");
            if (manner == 3) {
                reply.body().discard();
            } else {
                reply.body().subscribe(new Reader());
            }
        }

        @Override
        public void onError(Throwable error) {
            failures++;
            named(error);
            expect(!course.hasOpenConnection(), "the connection of a call that failed is closed");
        }

        @Override
        public void onComplete() {
            expect(replies == 1, "a reply before the end");
        }

        private static void named(Throwable error) {
            expect(
                    error instanceof FunctionException known
                            && known.kind() == ErrorKind.FUNCTION_FAILED
                            && known.getCause() instanceof InstanceFailure,
                    "a failure that says what is wrong with the reply, and not " + error);
        }

        private final class Reader implements CoreSubscriber<ByteBuf> {

            @Override
            public void onSubscribe(Subscription given) {
                reading = given;
                given.request(manner == 0 ? Long.MAX_VALUE : 1);
            }

            @Override
            public void onNext(ByteBuf buffer) {
                read += buffer.readableBytes();
                buffer.release();
                if (manner == 2 && reading != null) {
                    left = true;
                    reading.cancel();
                } else if (manner == 1 && reading != null) {
                    reading.request(1);
                }
            }

            @Override
            public void onError(Throwable error) {
                bodies++;
                named(error);
            }

            @Override
            public void onComplete() {
                bodies++;
            }
        }
    }

    private static void expect(boolean is, String what) {
        if (!is) {
            throw new AssertionError("expected: " + what);
        }
    }
}
