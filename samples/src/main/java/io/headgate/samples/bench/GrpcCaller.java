package io.headgate.samples.bench;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;

/** The asking end of {@link GrpcContender}. */
final class GrpcCaller implements Contender.Caller {

    private final ManagedChannel channel;
    private final Runnable close;

    GrpcCaller(ManagedChannel channel, Runnable close) {
        this.channel = channel;
        this.close = close;
    }

    @Override
    public void download(Download what) {
        long[] received = {0};
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        ClientCalls.asyncServerStreamingCall(
                channel.newCall(GrpcAnswering.DOWNLOAD, CallOptions.DEFAULT),
                what.encode(),
                new Taking(bytes -> received[0] += bytes.length, done));
        Waiting.until(done, "download");
        what.check(received[0]);
    }

    @Override
    public void stall(Download what) {
        CountDownLatch begun = new CountDownLatch(1);
        ClientCalls.asyncServerStreamingCall(
                channel.newCall(GrpcAnswering.DOWNLOAD, CallOptions.DEFAULT), what.encode(), new TakingOne(begun));
        Waiting.until(begun, "first bytes of the download");
    }

    @Override
    public void run(Calls calls) {
        calls.start(() -> call(calls));
        calls.await();
    }

    private void call(Calls calls) {
        long began = System.nanoTime();
        ClientCalls.asyncUnaryCall(
                channel.newCall(GrpcAnswering.CALL, CallOptions.DEFAULT),
                calls.payload(),
                new StreamObserver<byte[]>() {
                    private int length = -1;

                    @Override
                    public void onNext(byte[] answer) {
                        length = answer.length;
                    }

                    @Override
                    public void onError(Throwable why) {
                        calls.failed(why);
                    }

                    @Override
                    public void onCompleted() {
                        calls.answered(began, length);
                        calls.start(() -> call(calls));
                    }
                });
    }

    @Override
    public void close() {
        close.run();
    }

    private record Taking(Consumer<byte[]> sink, CompletableFuture<Boolean> done) implements StreamObserver<byte[]> {

        @Override
        public void onNext(byte[] frame) {
            sink.accept(frame);
        }

        @Override
        public void onError(Throwable why) {
            done.completeExceptionally(why);
        }

        @Override
        public void onCompleted() {
            done.complete(true);
        }
    }

    private record TakingOne(CountDownLatch begun) implements ClientResponseObserver<byte[], byte[]> {

        @Override
        public void beforeStart(ClientCallStreamObserver<byte[]> call) {
            call.disableAutoRequestWithInitial(1);
        }

        @Override
        public void onNext(byte[] frame) {
            begun.countDown();
        }

        @Override
        public void onError(Throwable closed) {
            begun.countDown();
        }

        @Override
        public void onCompleted() {
            begun.countDown();
        }
    }
}
